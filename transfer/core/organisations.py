"""The organisations of the 2013-14 exercise: who could employ somebody, and who followed whom.

35 probation Trusts (dissolved by SI 2014/2704), 21 community rehabilitation companies (CRCs) and
the National Probation Service (NPS) with its seven divisions. Rules catalogue, section 11.

The NPS is an organisation of its own for an assignment, but it employs nobody in law: the legal
employer of its staff is the Secretary of State for Justice (Ministry of Justice). The two are kept
apart here; `legal_employer` leads from one to the other.

The value that the facet `employer` stores is an organisation's `name` ("London Probation Trust"):
an answer must be readable for ever, also by somebody without this list.
"""

import difflib
import re
import unicodedata
from enum import StrEnum
from types import MappingProxyType

from transfer.core.refusals import Refused
from transfer.core.words import Confidence, Frozen

SOURCE = "rules catalogue 11"


class OrganisationKind(StrEnum):
    """What kind of body an organisation is."""

    TRUST = "trust"
    CRC = "crc"
    NPS = "nps"
    NPS_DIVISION = "nps-division"
    REGION = "region"
    CROWN = "crown"


class Organisation(Frozen):
    """A body that staff can be assigned to or employed by.

    `code` is the case management system's code where a source gives it, else `None`. `key` is
    stable and always there: the code, or else one of our own of four letters, which therefore
    cannot collide with a real one; `key_assumed` says which. `area` is the short name.
    """

    key: str
    code: str | None
    name: str
    area: str
    kind: OrganisationKind
    confidence: Confidence = Confidence.SOURCE
    note: str = ""

    @property
    def key_assumed(self) -> bool:
        """Whether `key` is ours because no source gives a code."""
        return self.code is None


class Successor(Frozen):
    """Where a Trust's work went: the organisation, and how surely that is known."""

    organisation: Organisation
    confidence: Confidence
    reason: str


def _trust(area: str, code: str | None, own: str = "") -> Organisation:
    return Organisation(
        key=code or own,
        code=code,
        name=f"{area} Probation Trust",
        area=area,
        kind=OrganisationKind.TRUST,
        note="" if code else "no source gives its code: the key is our own",
    )


def _crc(code: str, area: str) -> Organisation:
    return Organisation(
        key=code,
        code=code,
        name=f"{area} Community Rehabilitation Company",
        area=area,
        kind=OrganisationKind.CRC,
    )


def _division(code: str, area: str) -> Organisation:
    return Organisation(
        key=code,
        code=code,
        name=f"National Probation Service {area} Division",
        area=area,
        kind=OrganisationKind.NPS_DIVISION,
    )


def _region(code: str, area: str, kind: str = " Region") -> Organisation:
    return Organisation(
        key=code,
        code=code,
        name=f"Probation Service {area}{kind}",
        area=area,
        kind=OrganisationKind.REGION,
    )


SECRETARY_OF_STATE = Organisation(
    key="SSJ",
    code=None,
    name="Secretary of State for Justice",
    area="Ministry of Justice",
    kind=OrganisationKind.CROWN,
    confidence=Confidence.GENERAL,
    note="legal employer of the staff of the National Probation Service",
)

NPS = Organisation(
    key="NPS",
    code=None,
    name="National Probation Service",
    area="England and Wales",
    kind=OrganisationKind.NPS,
    note="an organisation for assignments; the legal employer of its staff is the Secretary of "
    "State for Justice (Ministry of Justice) [G]",
)

DIVISIONS: tuple[Organisation, ...] = (
    _division("N01", "North West"),
    _division("N02", "North East"),
    _division("N03", "Wales"),
    _division("N04", "Midlands"),
    _division("N05", "South West and South Central"),
    _division("N06", "South East and Eastern"),
    _division("N07", "London"),
)
"""The NPS divisions of 2014."""

REGIONS: tuple[Organisation, ...] = (
    _region("N50", "Greater Manchester"),
    _region("N51", "North West"),
    _region("N52", "West Midlands"),
    _region("N53", "East Midlands"),
    _region("N54", "North East"),
    _region("N55", "Yorkshire and the Humber"),
    _region("N56", "East of England"),
    _region("N57", "Kent, Surrey and Sussex"),
    _region("N58", "South West"),
    _region("N59", "South Central"),
    _region("N41", "National Responsibility Division", ""),
    _region("N43", "National Security Division", ""),
)
"""The regions of 2021, and two national divisions. Wales and London kept their divisions' codes."""

CRCS: tuple[Organisation, ...] = (
    _crc("C01", "Northumbria"),
    _crc("C02", "Cumbria and Lancashire"),
    _crc("C03", "Durham Tees Valley"),
    _crc("C04", "Humberside, Lincolnshire and North Yorkshire"),
    _crc("C05", "West Yorkshire"),
    _crc("C06", "Merseyside"),
    _crc("C07", "Cheshire and Greater Manchester"),
    _crc("C08", "Derbyshire, Leicestershire, Nottinghamshire and Rutland"),
    _crc("C09", "South Yorkshire"),
    _crc("C10", "Wales"),
    _crc("C11", "Staffordshire and West Midlands"),
    _crc("C12", "Warwickshire and West Mercia"),
    _crc("C13", "Bedfordshire, Northamptonshire, Cambridgeshire and Hertfordshire"),
    _crc("C14", "Norfolk and Suffolk"),
    _crc("C15", "Bristol, Gloucestershire, Somerset and Wiltshire"),
    _crc("C16", "Thames Valley"),
    _crc("C17", "London"),
    _crc("C18", "Essex"),
    _crc("C19", "Dorset, Devon and Cornwall"),
    _crc("C20", "Hampshire and Isle of Wight"),
    _crc("C21", "Kent, Surrey and Sussex"),
)

_TRUST_TABLE: tuple[tuple[Organisation, str, str], ...] = (
    # the Trust, its CRC, its NPS division
    (_trust("Northumbria", "NBR"), "C01", "N02"),
    (_trust("Cumbria", "CMB"), "C02", "N01"),
    (_trust("Lancashire", "LCS"), "C02", "N01"),
    (_trust("Durham Tees Valley", "DTV"), "C03", "N02"),
    (_trust("Humberside", "HBS"), "C04", "N02"),
    (_trust("Lincolnshire", "LNS"), "C04", "N02"),
    (_trust("York and North Yorkshire", "YSN"), "C04", "N02"),
    (_trust("West Yorkshire", "YSW"), "C05", "N02"),
    (_trust("Merseyside", "MRS"), "C06", "N01"),
    (_trust("Cheshire", "CHS"), "C07", "N01"),
    (_trust("Greater Manchester", "MCG"), "C07", "N01"),
    (_trust("Derbyshire", "DBS"), "C08", "N04"),
    (_trust("Leicestershire and Rutland", "LTS"), "C08", "N04"),
    (_trust("Nottinghamshire", "NHS"), "C08", "N04"),
    (_trust("South Yorkshire", "YSS"), "C09", "N02"),
    (_trust("Wales", "WPT"), "C10", "N03"),
    (_trust("Staffordshire and West Midlands", "SWM"), "C11", "N04"),
    (_trust("Warwickshire", "WWS"), "C12", "N04"),
    (_trust("West Mercia", "WMP"), "C12", "N04"),
    (_trust("Bedfordshire", None, own="BEDS"), "C13", "N06"),
    (_trust("Northamptonshire", "NTS"), "C13", "N06"),
    (_trust("Cambridgeshire and Peterborough", "CBS"), "C13", "N06"),
    (_trust("Hertfordshire", "HFS"), "C13", "N06"),
    (_trust("Norfolk and Suffolk", "NSP"), "C14", "N06"),
    (_trust("Avon and Somerset", None, own="AVSO"), "C15", "N05"),
    (_trust("Gloucestershire", "GCS"), "C15", "N05"),
    (_trust("Wiltshire", "WTS"), "C15", "N05"),
    (_trust("Thames Valley", "TVP"), "C16", "N05"),
    (_trust("London", "LDN"), "C17", "N07"),
    (_trust("Essex", "ESX"), "C18", "N06"),
    (_trust("Dorset", "DRS"), "C19", "N05"),
    (_trust("Devon and Cornwall", "DCP"), "C19", "N05"),
    (_trust("Hampshire", "HPS"), "C20", "N05"),
    (_trust("Kent", "KNT"), "C21", "N06"),
    (_trust("Surrey and Sussex", "SSP"), "C21", "N06"),
)

TRUSTS: tuple[Organisation, ...] = tuple(trust for trust, _, _ in _TRUST_TABLE)
"""The 35 Trusts of SI 2014/2704, in the order of the CRCs that followed them."""

ORGANISATIONS: tuple[Organisation, ...] = (
    *TRUSTS,
    *CRCS,
    *DIVISIONS,
    *REGIONS,
    NPS,
    SECRETARY_OF_STATE,
)

BY_KEY: MappingProxyType[str, Organisation] = MappingProxyType(
    {organisation.key: organisation for organisation in ORGANISATIONS}
)
_SUCCESSORS = {trust.key: (crc, division) for trust, crc, division in _TRUST_TABLE}


def crc_of(trust: Organisation) -> Successor:
    """The CRC that took over from a Trust (inferred: no source lists the mapping itself).

    Refuses anything but one of the 35 Trusts. Source: rules catalogue 11.
    """
    crc, _ = _successors_of(trust)
    return Successor(
        organisation=BY_KEY[crc],
        confidence=Confidence.INFERRED,
        reason=f"grouping of Trusts by CRC, which adds up to 35 ({SOURCE})",
    )


def division_of(trust: Organisation) -> Successor:
    """The NPS division of 2014 that a Trust's area fell into (inferred from geography).

    Refuses anything but one of the 35 Trusts. Source: rules catalogue 11.
    """
    _, division = _successors_of(trust)
    return Successor(
        organisation=BY_KEY[division],
        confidence=Confidence.INFERRED,
        reason=f"inferred from geography ({SOURCE})",
    )


def trusts_of(successor: Organisation) -> tuple[Organisation, ...]:
    """The Trusts that a CRC or an NPS division followed; all of them for the NPS itself."""
    if successor.kind is OrganisationKind.NPS:
        return TRUSTS
    return tuple(trust for trust in TRUSTS if successor.key in _SUCCESSORS[trust.key])


def legal_employer(organisation: Organisation) -> Organisation:
    """Who employs, in law, the staff assigned to an organisation.

    A Trust and a CRC employ their own; the NPS, its divisions and regions employ nobody, their
    staff are employed by the Secretary of State for Justice [G].
    """
    if organisation.kind in (
        OrganisationKind.NPS,
        OrganisationKind.NPS_DIVISION,
        OrganisationKind.REGION,
    ):
        return SECRETARY_OF_STATE
    return organisation


def find_employer(text: str) -> Organisation | None:
    """The organisation that a name or code stands for, or `None`.

    Case, blanks, punctuation, "the", "and" or "&" make no difference. A place alone
    ("London", "Wales") is its Trust where there is one: a staff return is made before the
    transfer. The CRC of the same place is "London CRC" or `C17`, the division "NPS London".
    """
    return _NAMES.get(_squash(text))


def resolve_employer(text: str) -> Organisation:
    """As `find_employer`, but an unknown one is `Refused`, with the nearest names suggested."""
    found = find_employer(text)
    if found is None:
        raise Refused(f"{' '.join(text.split())[:60]!r} {unknown_employer(text)}")
    return found


def unknown_employer(text: str, *, suggest: bool = True) -> str:
    """What is said of an unknown employer, its subject left out; suggesting costs milliseconds."""
    names: list[str] = []
    if suggest and (squashed := _squash(text[:60])):
        near = difflib.get_close_matches(squashed, _NAMES, n=6, cutoff=0.6)
        names = list(dict.fromkeys(f"{_NAMES[it].name} ({_NAMES[it].key})" for it in near))[:3]
    sentence = "is no Trust, CRC, NPS division or other employer known here"
    return f"{sentence}; nearest: {', '.join(names)}" if names else sentence


def _successors_of(trust: Organisation) -> tuple[str, str]:
    try:
        return _SUCCESSORS[trust.key]
    except KeyError:
        raise Refused(f"{trust.name} is not one of the 35 Trusts of 2013") from None


_WORD = re.compile(r"[a-z0-9]+")
_NOISE = frozenset({"the", "and", "limited", "ltd"})


def _squash(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(word for word in _WORD.findall(plain) if word not in _NOISE)


_ALSO_KNOWN_AS = {
    "MCG": ("Gtr Manchester",),
    "LTS": ("Leicestershire",),
    "CBS": ("Cambridgeshire",),
    "YSN": ("North Yorkshire",),
    "C04": ("Humberside, Lincs & N Yorks", "HLNY"),
    "C07": ("Cheshire & Gtr Manchester", "CGM"),
    "C08": ("Derbys, Leics, Notts & Rutland", "DLNR"),
    "C11": ("Staffs & West Midlands",),
    "C13": ("BeNCH",),
    "C15": ("BGSW",),
    "C19": ("Devon, Dorset and Cornwall", "DDC"),
    "C20": ("Hampshire & IoW",),
    "C21": ("KSS",),
    "NPS": ("NPS England and Wales",),
    "SSJ": ("Ministry of Justice", "MoJ"),
}


def _names_of(organisation: Organisation) -> list[str]:
    """Every way to write an organisation that says of itself which kind it is, and its code."""
    areas = [organisation.area, *_ALSO_KNOWN_AS.get(organisation.key, ())]
    names = [organisation.key, organisation.name]
    match organisation.kind:
        case OrganisationKind.TRUST:
            names += [f"{area} {it}" for area in areas for it in ("Probation Trust", "Probation")]
            return names + [f"{area} Trust" for area in areas]
        case OrganisationKind.CRC:
            names += [f"{area} Community Rehabilitation Company" for area in areas]
            return names + [f"{area} CRC" for area in areas]
        case OrganisationKind.NPS_DIVISION:
            area = organisation.area
            return [*names, f"NPS {area}", f"NPS {area} Division", f"{area} Division"]
        case OrganisationKind.REGION:
            return [*names, f"{organisation.area} Region", f"Probation {organisation.area} Region"]
        case OrganisationKind.NPS | OrganisationKind.CROWN:
            return [*names, *_ALSO_KNOWN_AS[organisation.key]]


def _index() -> MappingProxyType[str, Organisation]:
    names: dict[str, Organisation] = {}
    for organisation in ORGANISATIONS:
        for name in _names_of(organisation):
            names.setdefault(_squash(name), organisation)
    for organisation in (*TRUSTS, *CRCS, *REGIONS):  # a place alone: its Trust first
        for area in (organisation.area, *_ALSO_KNOWN_AS.get(organisation.key, ())):
            names.setdefault(_squash(area), organisation)
    return MappingProxyType(names)


_NAMES = _index()
