{{- define "isobar.nats_name" -}}
{{- include "isobar.fullname" . }}-nats
{{- end -}}

{{- define "isobar.bus" -}}
{{- .Values.nats.url | default (printf "nats://%s:4222" (include "isobar.nats_name" .)) -}}
{{- end -}}

{{- /* A CPU quantity as whole threads, rounded up. */ -}}
{{- define "isobar.threads" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}
{{- div (add (trimSuffix "m" $text | int) 999) 1000 -}}
{{- else -}}
{{- float64 $text | ceil | int -}}
{{- end -}}
{{- end -}}

{{- /* Where the simulated market begins: the value, what the first installation stored, or now. */ -}}
{{- define "isobar.anchor" -}}
{{- if .Values.simulation.anchor -}}
{{- .Values.simulation.anchor -}}
{{- else -}}
{{- $kept := lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-simulation" (include "isobar.fullname" .)) -}}
{{- dig "data" "anchor" (dateInZone "2006-01-02T15:04:05Z" now "UTC") $kept -}}
{{- end -}}
{{- end -}}

{{- /* Whether a worker plays the simulator: its source is the simulator's unless an option says otherwise. */ -}}
{{- define "isobar.simulates" -}}
{{- $source := get .settings.options (printf "%s.source" .service) | default "sim" -}}
{{- if and (get .settings "simulates") (eq $source "sim") -}}true{{- end -}}
{{- end -}}

{{- /* One TOML value. Numbers reach templates as floats: whole ones are written as such. */ -}}
{{- define "isobar.toml_value" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else if kindIs "slice" . -}}
[{{ range $i, $v := . }}{{ if $i }}, {{ end }}{{ include "isobar.toml_value" $v }}{{ end }}]
{{- else if kindIs "string" . -}}
{{ toRawJson . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}

{{- /* Every option of a worker, given and computed: {options: {...}}. */ -}}
{{- define "isobar.options" -}}
{{- $values := .root.Values -}}
{{- $s := .worker.settings -}}
{{- $o := mustMergeOverwrite (deepCopy $values.options) (deepCopy $s.options) -}}
{{- $_ := set $o "bus" (include "isobar.bus" .root) -}}
{{- $_ := set $o "grpc" (printf "%s:%s" $values.listen (include "isobar.grpc_port" .)) -}}
{{- $_ := set $o "http" (printf "%s:%s" $values.listen (include "isobar.http_port" .)) -}}
{{- $_ := set $o "data-dir" "/data" -}}
{{- $_ := set $o "drain-ms" $s.drain.milliseconds -}}
{{- if .worker.sharded }}{{ $_ := set $o "shard" (printf "auto/%d" (int $s.shards)) -}}
{{- else -}}
{{- with .worker.symbols }}{{ $_ := set $o "symbols" . }}{{ end -}}
{{- with .worker.futures }}{{ $_ := set $o "futures" . }}{{ end -}}
{{- end -}}
{{- with dig "limits" "cpu" "" $s.resources }}{{ $_ := set $o "threads" (include "isobar.threads" . | float64) }}{{ end -}}
{{- if include "isobar.simulates" .worker }}{{ $_ := set $o "sim.anchor" (include "isobar.anchor" .root) }}{{ end -}}
{{- if $values.nats.auth.existingSecret }}{{ $_ := set $o "nats-nkey-seed" "/etc/isobar/nats-auth/seed" }}{{ end -}}
{{- with $values.nats.tls }}{{ if .existingSecret -}}
{{- $_ := set $o "nats-tls-ca" "/etc/isobar/nats-tls/ca.crt" -}}
{{- if .certKey }}{{ $_ := set $o "nats-tls-cert" "/etc/isobar/nats-tls/tls.crt" }}{{ $_ := set $o "nats-tls-key" "/etc/isobar/nats-tls/tls.key" }}{{ end -}}
{{- end }}{{ end -}}
{{- with $values.grpc.tls }}{{ if .existingSecret -}}
{{- $_ := set $o "grpc-tls-cert" "/etc/isobar/grpc-tls/tls.crt" }}{{ $_ := set $o "grpc-tls-key" "/etc/isobar/grpc-tls/tls.key" -}}
{{- if .clientCaKey }}{{ $_ := set $o "grpc-tls-client-ca" "/etc/isobar/grpc-tls/client-ca.crt" }}{{ end -}}
{{- end }}{{ end -}}
{{- if $values.grpc.tokens.existingSecret }}{{ $_ := set $o "grpc-tokens" "/etc/isobar/grpc-tokens/tokens" }}{{ end -}}
{{- toYaml (dict "options" $o) -}}
{{- end -}}

{{- /* The configuration file of a worker. */ -}}
{{- define "isobar.toml" -}}
{{- $o := (include "isobar.options" . | fromYaml).options -}}
{{- range $name := keys $o | sortAlpha }}
{{ $name }} = {{ include "isobar.toml_value" (get $o $name) }}
{{- end }}
{{ end -}}
