// A real OpenID provider for the tests, on a free port of this machine: prints its issuer.
//
//   node provider.mjs REDIRECT_URI POST_LOGOUT_REDIRECT_URI
//
// Whoever signs in says who they are, and any password will do: `NAME ROLE [NUMBER]` in the field for
// the login, for example `S10442 ROLE_TRANSFER__STAFF__RO`. POST /rotate gives it new keys under a new
// name. A program gets a token for the audience `transfer` by its client credentials.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirectUri, afterwards] = process.argv.slice(2);
const ADMIN = "ROLE_TRANSFER__ADMIN__RW";
let keys = 0;

function claimsOf(login) {
  const [name, role, number] = login.split(" ");
  return {
    sub: name,
    authorities: role ? [role] : undefined,
    staff_number: number,
    body: "Union A",
  };
}

function make(issuer) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), kid: `key-${++keys}`, use: "sig", alg: "ES256" };
  const client = {
    grant_types: ["authorization_code"],
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [afterwards],
    response_types: ["code"],
  };
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ["for a test"] },
    claims: { openid: ["sub", "authorities", "staff_number", "body"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    conformIdTokenClaims: false,
    clients: [
      { ...client, client_id: "pages", client_secret: "s/cret+%" },
      { ...client, client_id: "public", token_endpoint_auth_method: "none" },
      {
        client_id: "program",
        client_secret: "secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    extraTokenClaims: (_, token) => (token.clientId === "program" ? { sub: "program", authorities: [ADMIN] } : undefined),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          audience: resource.split(":").pop(),
          jwt: { sign: { alg: "ES256" } },
          scope: "",
        }),
      },
    },
    findAccount: (_, login) => ({ accountId: login, claims: () => claimsOf(login) }),
    pkce: { required: () => true },
  });
  return provider.callback();
}

const server = createServer((request, response) => {
  if (request.method === "POST" && request.url === "/rotate") {
    handle = make(issuer);
    response.end();
  } else {
    handle(request, response);
  }
});
let handle, issuer;
server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  handle = make(issuer);
  console.log(issuer);
});
