{{/* The name of what a release consists of: the release's, with the chart's where it is not in it. */}}
{{- define "transfer.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* By what the pods of a role are found; takes (list $ "api"). They never change in a release. */}}
{{- define "transfer.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of an object that belongs to a role; takes (list $ "api"). */}}
{{- define "transfer.labels" -}}
{{- $ := index . 0 -}}
{{ include "transfer.selector" . }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "transfer.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What every pod is held to: no root, no privilege, no token of the cluster. */}}
{{- define "transfer.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "transfer.container.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* A setting's value as the text of a variable: numbers of YAML are floats, and large ones 1e+06. */}}
{{- define "transfer.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* Whether a role gets a secret; takes (dict "role" … "name" … "secret" …). "yes" or nothing. */}}
{{- define "transfer.gets" -}}
{{- if eq .role "migrate" -}}
{{ if has .name (list "DATABASE_URL" "TRANSFER_VAULT_KEY_FILE") }}yes{{ end }}
{{- else -}}
{{ if or (not .secret.roles) (has .role .secret.roles) }}yes{{ end }}
{{- end -}}
{{- end }}

{{/* The variables of a process; takes (dict "root" $ "role" …), where the role may be "migrate". */}}
{{- define "transfer.env" -}}
{{- $role := .role -}}
- name: TRANSFER_DATA
  value: /var/lib/transfer/data
{{- if ne $role "migrate" }}
- name: TRANSFER_ROLE
  value: {{ $role }}
- name: TRANSFER_HOST
  value: "0.0.0.0"
- name: TRANSFER_PORT
  value: "8000"
{{- /* By set: merge takes false and 0 for nothing said. */}}
{{- $settings := dict }}
{{- range $given := list .root.Values.settings (index .root.Values $role "settings") }}
{{- range $name, $value := $given }}
{{- $_ := set $settings $name $value }}
{{- end }}
{{- end }}
{{- range $name, $value := $settings }}
{{- if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ include "transfer.text" $value | quote }}
{{- end }}
{{- end }}
{{- if .root.Values.notices.outboxClaim }}
- name: TRANSFER_NOTICES_OUTBOX
  value: /var/lib/transfer-outbox
{{- end }}
{{- if .root.Values.notices.addressesClaim }}
- name: TRANSFER_NOTICES_ADDRESSES
  value: /var/lib/transfer-addresses/addresses.csv
{{- end }}
{{- if .root.Values.erasures.claim }}
- name: TRANSFER_ERASED
  value: /var/lib/transfer-erased/erased
{{- end }}
{{- end }}
{{- range $name, $secret := .root.Values.secrets.variables }}
{{- if include "transfer.gets" (dict "role" $role "name" $name "secret" $secret) }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret.secret }}
      key: {{ $secret.key | quote }}
{{- end }}
{{- end }}
{{- range $name, $secret := .root.Values.secrets.files }}
{{- if include "transfer.gets" (dict "role" $role "name" $name "secret" $secret) }}
- name: {{ $name }}
  value: /run/secrets/transfer/{{ $name }}
{{- end }}
{{- end }}
{{- if .root.Values.secrets.databaseCA }}
# PostgreSQL's own, for sslmode=verify-full in DATABASE_URL.
- name: PGSSLROOTCERT
  value: /run/secrets/transfer/database-ca.crt
{{- end }}
{{- end }}

{{/* The volume with the files that hold secrets; takes (dict "root" $ "role" …). */}}
{{- define "transfer.secrets" -}}
{{- $role := .role -}}
- name: secrets
  projected:
    defaultMode: 0400
    sources:
      {{- range $name, $secret := .root.Values.secrets.files }}
      {{- if include "transfer.gets" (dict "role" $role "name" $name "secret" $secret) }}
      - secret:
          name: {{ $secret.secret }}
          items:
            - key: {{ $secret.key | quote }}
              path: {{ $name }}
      {{- end }}
      {{- end }}
      {{- with .root.Values.secrets.databaseCA }}
      - secret:
          name: {{ .secret }}
          items:
            - key: {{ .key | quote }}
              path: database-ca.crt
      {{- end }}
{{- end }}

{{/* A key of GOV.UK Notify is among the secrets. "yes" or nothing. */}}
{{- define "transfer.has-notify" -}}
{{- if or (hasKey .Values.secrets.files "TRANSFER_NOTIFY_API_KEY_FILE") (hasKey .Values.secrets.variables "TRANSFER_NOTIFY_API_KEY") }}yes{{ end }}
{{- end }}
