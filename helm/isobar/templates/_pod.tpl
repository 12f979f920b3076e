{{- define "isobar.pod_security" -}}
runAsNonRoot: true
{{- with .Values.security }}
{{- if not (kindIs "invalid" .runAsUser) }}
runAsUser: {{ int64 .runAsUser }}
{{- end }}
{{- if not (kindIs "invalid" .runAsGroup) }}
runAsGroup: {{ int64 .runAsGroup }}
{{- end }}
{{- if not (kindIs "invalid" .fsGroup) }}
fsGroup: {{ int64 .fsGroup }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "isobar.container_security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* What every pod of the chart begins with. */ -}}
{{- define "isobar.pod_head" -}}
serviceAccountName: {{ include "isobar.service_account" . }}
automountServiceAccountToken: false
# Otherwise variables like ISOBAR_COLORIZER_SERVICE_HOST appear, and a process refuses ISOBAR_* that it does not know.
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
securityContext:
  {{- include "isobar.pod_security" . | nindent 2 }}
{{- end -}}

{{- /* An existing secret as files: dict "name" VOLUME "secret" NAME "items" {file: key}. */ -}}
{{- define "isobar.secret_volume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    optional: false
    defaultMode: 0440
    items:
      {{- range $file, $key := .items }}
      - {key: {{ $key | quote }}, path: {{ $file }}}
      {{- end }}
{{- end -}}

{{- /* Secrets that a worker mounts: {secrets: [{name, secret, items}]}, each under /etc/isobar/NAME. */ -}}
{{- define "isobar.secrets" -}}
{{- $v := .root.Values -}}
{{- $all := list -}}
{{- with $v.nats.auth }}{{ if .existingSecret -}}
{{- $all = append $all (dict "name" "nats-auth" "secret" .existingSecret "items" (dict "seed" (replace "SERVICE" $.worker.service .seedKey))) -}}
{{- end }}{{ end -}}
{{- with $v.nats.tls }}{{ if .existingSecret -}}
{{- $items := dict "ca.crt" .caKey -}}
{{- if .certKey }}{{ $_ := set $items "tls.crt" .certKey }}{{ $_ := set $items "tls.key" .keyKey }}{{ end -}}
{{- $all = append $all (dict "name" "nats-tls" "secret" .existingSecret "items" $items) -}}
{{- end }}{{ end -}}
{{- with $v.grpc.tls }}{{ if .existingSecret -}}
{{- $items := dict "tls.crt" .certKey "tls.key" .keyKey -}}
{{- if .clientCaKey }}{{ $_ := set $items "client-ca.crt" .clientCaKey }}{{ end -}}
{{- $all = append $all (dict "name" "grpc-tls" "secret" .existingSecret "items" $items) -}}
{{- end }}{{ end -}}
{{- with $v.grpc.tokens }}{{ if .existingSecret -}}
{{- $all = append $all (dict "name" "grpc-tokens" "secret" .existingSecret "items" (dict "tokens" .key)) -}}
{{- end }}{{ end -}}
{{- range $option, $from := .worker.settings.secrets -}}
{{- $all = append $all (dict "name" (printf "secret-%s" (replace "." "-" $option)) "secret" $from.secret "items" (dict "value" $from.key)) -}}
{{- end -}}
{{- toYaml (dict "secrets" $all) -}}
{{- end -}}

{{- /* The pod template of a worker: dict "root" $ "worker" WORKER. */ -}}
{{- define "isobar.pod" -}}
{{- $s := .worker.settings -}}
{{- $secrets := (include "isobar.secrets" . | fromYaml).secrets -}}
metadata:
  labels:
    {{- include "isobar.worker_labels" . | nindent 4 }}
    {{- with $s.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "isobar.toml" . | sha256sum }}
    kubectl.kubernetes.io/default-container: {{ .worker.service }}
    {{- with $s.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "isobar.pod_head" .root | nindent 2 }}
  {{- with $s.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add $s.drain.preStopSeconds (div (add $s.drain.milliseconds 999) 1000) 5 }}
  containers:
    - name: {{ .worker.service }}
      image: {{ include "isobar.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: [/usr/bin/{{ .worker.service }}]
      args: [--config, /etc/isobar/config/isobar.toml]
      {{- with $s.secrets }}
      env:
        {{- range $option, $from := . }}
        - name: ISOBAR_{{ $option | upper | replace "-" "_" | replace "." "_" }}_FILE
          value: /etc/isobar/secret-{{ replace "." "-" $option }}/value
        {{- end }}
      {{- end }}
      ports:
        - {name: grpc, containerPort: {{ include "isobar.grpc_port" . }}}
        - {name: http, containerPort: {{ include "isobar.http_port" . }}}
      startupProbe:
        httpGet: {path: /healthz, port: http}
        {{- toYaml $s.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        {{- toYaml $s.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        {{- toYaml $s.probes.readiness | nindent 8 }}
      {{- if $s.drain.preStopSeconds }}
      lifecycle:
        preStop:
          sleep: {seconds: {{ $s.drain.preStopSeconds }}}
      {{- end }}
      resources:
        {{- toYaml $s.resources | nindent 8 }}
      securityContext:
        {{- include "isobar.container_security" .root | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/isobar/config, readOnly: true}
        - {name: data, mountPath: /data}
        {{- range $secrets }}
        - {name: {{ .name }}, mountPath: /etc/isobar/{{ .name }}, readOnly: true}
        {{- end }}
  {{- include "isobar.spread" . | nindent 2 }}
  {{- with $s.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $s.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $s.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .worker.name }}
    {{- if not (and $s.persistence.enabled (eq $s.workload "StatefulSet")) }}
    - name: data
      emptyDir:
        sizeLimit: {{ $s.persistence.size }}
    {{- end }}
    {{- range $secrets }}
    {{- include "isobar.secret_volume" . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "isobar.spread" -}}
{{- $on := dict -}}
{{- with .worker.settings.spread }}
{{- if ne .zones "Off" }}{{ $_ := set $on "topology.kubernetes.io/zone" .zones }}{{ end -}}
{{- if ne .nodes "Off" }}{{ $_ := set $on "kubernetes.io/hostname" .nodes }}{{ end -}}
{{- end }}
{{- with $on -}}
topologySpreadConstraints:
  {{- range $key, $when := . }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "isobar.worker_selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}
