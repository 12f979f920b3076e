{{- /*
A worker is a StatefulSet or Deployment: for each service one that its symbols share, and one for each symbol with an override.
isobar.workers gives {workers: [{name, service, symbol, symbols, futures, sharded, settings}]}; settings is defaults <- service <-
override. A sharded worker's processes share its symbols out by the registry.
*/ -}}
{{- define "isobar.workers" -}}
{{- $workers := list -}}
{{- range $service, $own := .Values.services -}}
{{- if $own.enabled -}}
{{- $base := mustMergeOverwrite (deepCopy $.Values.defaults) (deepCopy $own) -}}
{{- $options := ternary $.Values.symbols list (has $own.takes (list "options" "both")) -}}
{{- $futures := ternary $.Values.futures list (has $own.takes (list "futures" "both")) -}}
{{- $alone := list -}}
{{- range $symbol, $overrides := $.Values.symbolOverrides -}}
{{- if hasKey $overrides $service -}}
{{- $alone = append $alone $symbol -}}
{{- end -}}
{{- end -}}
{{- $name := printf "%s-%s" (include "isobar.fullname" $) $service -}}
{{- $shared := dict "symbols" list "futures" list -}}
{{- range $options }}{{ if not (has . $alone) }}{{ $_ := set $shared "symbols" (append $shared.symbols .) }}{{ end }}{{ end -}}
{{- range $futures }}{{ if not (has . $alone) }}{{ $_ := set $shared "futures" (append $shared.futures .) }}{{ end }}{{ end -}}
{{- if or $shared.symbols $shared.futures (eq $own.takes "none") -}}
{{- $workers = append $workers (mustMerge (dict "name" $name "service" $service "symbol" "" "settings" $base
    "sharded" (gt (int $base.shards) 1)) $shared) -}}
{{- end -}}
{{- range $symbol := $alone -}}
{{- $settings := mustMergeOverwrite (deepCopy $base) (deepCopy (index $.Values.symbolOverrides $symbol $service)) (dict "shards" 1 "replicas" nil) -}}
{{- $workers = append $workers (dict
    "name" (printf "%s-%s" $name (include "isobar.symbol_name" $symbol)) "service" $service "symbol" $symbol "settings" $settings "sharded" false
    "symbols" (ternary (list $symbol) list (has $symbol $options)) "futures" (ternary (list $symbol) list (has $symbol $futures))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "workers" $workers) -}}
{{- end -}}

{{- define "isobar.grpc_port" -}}
{{- dig "grpc" .root.Values.ports.grpc .worker.settings.ports | int -}}
{{- end -}}

{{- define "isobar.http_port" -}}
{{- dig "http" .root.Values.ports.http .worker.settings.ports | int -}}
{{- end -}}

{{- /* Labels and selector of a worker: dict "root" $ "worker" WORKER. */ -}}
{{- define "isobar.worker_selector" -}}
{{ include "isobar.selector" (dict "root" .root "component" .worker.service) }}
isobar.io/worker: {{ .worker.symbol | default "shared" | include "isobar.symbol_name" }}
{{- end -}}

{{- define "isobar.worker_labels" -}}
{{ include "isobar.labels" (dict "root" .root "component" .worker.service) }}
isobar.io/worker: {{ .worker.symbol | default "shared" | include "isobar.symbol_name" }}
{{- end -}}

{{- /* What shards must find in the registry: {lists: [{kind, symbols}]}; none without shards. */ -}}
{{- define "isobar.registry" -}}
{{- $options := list -}}
{{- $futures := list -}}
{{- range (include "isobar.workers" . | fromYaml).workers -}}
{{- if .sharded -}}
{{- $options = concat $options .symbols | default list | uniq -}}
{{- $futures = concat $futures .futures | default list | uniq -}}
{{- end -}}
{{- end -}}
{{- $lists := list -}}
{{- with $options }}{{ $lists = append $lists (dict "kind" "options" "symbols" .) }}{{ end -}}
{{- with $futures }}{{ $lists = append $lists (dict "kind" "futures" "symbols" .) }}{{ end -}}
{{- toYaml (dict "lists" $lists) -}}
{{- end -}}
