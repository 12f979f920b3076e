{{- /*
What values.schema.json cannot say: values that contradict each other. All of them are named at once, each with the value
to change.
*/ -}}
{{- define "isobar.validate" -}}
{{- $v := .Values -}}
{{- $wrong := concat
    (include "isobar.wrong_bus" . | fromYaml).wrong
    (include "isobar.wrong_grpc" . | fromYaml).wrong
    (include "isobar.wrong_symbols" . | fromYaml).wrong
    (include "isobar.wrong_options" (dict "where" "options" "options" $v.options) | fromYaml).wrong
    (include "isobar.wrong_workers" . | fromYaml).wrong -}}
{{- if $wrong -}}
{{- fail (printf "\n  %s" (join "\n  " $wrong)) -}}
{{- end -}}
{{- end -}}

{{- define "isobar.wrong_bus" -}}
{{- $wrong := list -}}
{{- with .Values.nats -}}
{{- if contains "@" .url -}}
{{- $wrong = append $wrong "nats.url: holds a user or a password; name a secret in nats.auth.existingSecret instead" -}}
{{- end -}}
{{- if not (or .url .server.enabled) -}}
{{- $wrong = append $wrong "nats.url: give the address of a NATS server, or set nats.server.enabled=true" -}}
{{- end -}}
{{- if and .tls.existingSecret (not .url) -}}
{{- $wrong = append $wrong "nats.tls.existingSecret: the chart's own server has no TLS; give nats.url" -}}
{{- end -}}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) -}}
{{- $wrong = append $wrong "nats.tls.certKey and nats.tls.keyKey: give both or none" -}}
{{- end -}}
{{- if and .server.authSecret (not .auth.existingSecret) (not .url) -}}
{{- $wrong = append $wrong "nats.auth.existingSecret: nats.server.authSecret makes the server ask for users, so the services need seeds" -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "wrong" $wrong) -}}
{{- end -}}

{{- define "isobar.wrong_grpc" -}}
{{- $wrong := list -}}
{{- $tls := .Values.grpc.tls -}}
{{- $client := .Values.tests.client -}}
{{- if and .Values.grpc.tokens.existingSecret (not $tls.existingSecret) -}}
{{- $wrong = append $wrong "grpc.tokens.existingSecret: tokens need TLS; name its secret in grpc.tls.existingSecret" -}}
{{- end -}}
{{- if and .Values.tests.enabled $tls.existingSecret -}}
{{- if not $client.existingSecret -}}
{{- $wrong = append $wrong "tests.client.existingSecret: gRPC has TLS, so helm test needs its authority; or set tests.enabled=false" -}}
{{- end -}}
{{- if and $tls.clientCaKey (not (and $client.certKey $client.keyKey)) -}}
{{- $wrong = append $wrong "tests.client.certKey and tests.client.keyKey: clients must show a certificate (grpc.tls.clientCaKey)" -}}
{{- end -}}
{{- if and .Values.grpc.tokens.existingSecret (not $client.tokenKey) -}}
{{- $wrong = append $wrong "tests.client.tokenKey: calls need a token (grpc.tokens)" -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "wrong" $wrong) -}}
{{- end -}}

{{- define "isobar.wrong_symbols" -}}
{{- $v := .Values -}}
{{- $wrong := list -}}
{{- $all := concat $v.symbols $v.futures | default list | uniq -}}
{{- if not $all -}}
{{- $wrong = append $wrong "symbols, futures: name at least one symbol" -}}
{{- end -}}
{{- $taken := dict -}}
{{- range $symbol, $services := $v.symbolOverrides -}}
{{- if not (has $symbol $all) -}}
{{- $wrong = append $wrong (printf "symbolOverrides.%s: %s is neither in symbols nor in futures" $symbol $symbol) -}}
{{- end -}}
{{- $name := include "isobar.symbol_name" $symbol -}}
{{- if or (eq $name "") (eq $name "shared") (hasKey $taken $name) -}}
{{- $wrong = append $wrong (printf "symbolOverrides.%s: its resources would be named %q, like those of %s" $symbol $name (get $taken $name | default "the shared worker")) -}}
{{- end -}}
{{- $_ := set $taken $name $symbol -}}
{{- range $service, $_ := $services -}}
{{- $own := get $v.services $service | default dict -}}
{{- $takes := get $own "takes" -}}
{{- if gt (int (get $own "shards" | default $v.defaults.shards)) 1 -}}
{{- $wrong = append $wrong (printf "symbolOverrides.%s.%s: shards take every symbol of the registry, so %s cannot have a worker of its own" $symbol $service $symbol) -}}
{{- end -}}
{{- if not (or (and (has $symbol $v.symbols) (has $takes (list "options" "both"))) (and (has $symbol $v.futures) (has $takes (list "futures" "both")))) -}}
{{- $wrong = append $wrong (printf "symbolOverrides.%s.%s: %s does not work on %s" $symbol $service $service $symbol) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "wrong" $wrong) -}}
{{- end -}}

{{- /* Options that other values stand for, and secrets: dict "where" PATH "options" MAP. */ -}}
{{- define "isobar.wrong_options" -}}
{{- $instead := dict
    "bus" "nats.url" "grpc" "listen and ports.grpc" "http" "listen and ports.http" "data-dir" "persistence"
    "drain-ms" "drain.milliseconds" "symbols" "symbols" "futures" "futures" "shard" "shards" "threads" "resources.limits.cpu"
    "sim.anchor" "simulation.anchor" "config" "options" "log-file" "nothing: pods log to standard error"
    "nats-nkey-seed" "nats.auth.existingSecret" "nats-credentials" "nats.auth.existingSecret" "nats-tls-ca" "nats.tls"
    "nats-tls-cert" "nats.tls" "nats-tls-key" "nats.tls" "grpc-tls-cert" "grpc.tls" "grpc-tls-key" "grpc.tls"
    "grpc-tls-client-ca" "grpc.tls" "grpc-tokens" "grpc.tokens" -}}
{{- $wrong := list -}}
{{- range $name, $_ := .options -}}
{{- if not (mustRegexMatch "^[a-z0-9]+([-.][a-z0-9]+)*$" $name) -}}
{{- $wrong = append $wrong (printf "%s.%s: not the name of an option; write it as --help has it, without the dashes in front" $.where $name) -}}
{{- end -}}
{{- if hasKey $instead $name -}}
{{- $wrong = append $wrong (printf "%s.%s: set %s instead" $.where $name (get $instead $name)) -}}
{{- end -}}
{{- if hasSuffix "api-key" $name -}}
{{- $wrong = append $wrong (printf "%s.%s: a secret; name an existing Kubernetes secret under secrets instead" $.where $name) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "wrong" $wrong) -}}
{{- end -}}

{{- define "isobar.wrong_workers" -}}
{{- $wrong := list -}}
{{- $names := dict -}}
{{- range (include "isobar.workers" . | fromYaml).workers -}}
{{- $where := ternary (printf "services.%s" .service) (printf "symbolOverrides.%s.%s" .symbol .service) (empty .symbol) -}}
{{- $s := .settings -}}
{{- $wrong = concat $wrong (include "isobar.wrong_options" (dict "where" (printf "%s.options" $where) "options" $s.options) | fromYaml).wrong | default list -}}
{{- if and .sharded (not (get $s "sharding")) -}}
{{- $wrong = append $wrong (printf "%s.shards: its processes take named symbols only; give a symbol a worker of its own by symbolOverrides" $where) -}}
{{- end -}}
{{- if and (not (kindIs "invalid" $s.replicas)) (eq $s.workload "StatefulSet") (not .sharded) -}}
{{- $wrong = append $wrong (printf "%s.replicas: two processes would work on the same symbols; set shards" $where) -}}
{{- end -}}
{{- if gt (len .name) 50 -}}
{{- $wrong = append $wrong (printf "fullnameOverride: %s is longer than 50 characters; choose a shorter name" .name) -}}
{{- end -}}
{{- if and $s.autoscaling.enabled $s.keda.enabled -}}
{{- $wrong = append $wrong (printf "%s: autoscaling and keda exclude each other" $where) -}}
{{- end -}}
{{- if and (ne $s.workload "Deployment") (or $s.autoscaling.enabled $s.keda.enabled) -}}
{{- $wrong = append $wrong (printf "%s: it owns symbols, so it scales by shards and not by autoscaling or keda" $where) -}}
{{- end -}}
{{- range $kind, $limits := dict "autoscaling" $s.autoscaling "keda" $s.keda -}}
{{- if and $limits.enabled (gt (int $limits.minReplicas) (int $limits.maxReplicas)) -}}
{{- $wrong = append $wrong (printf "%s.%s: minReplicas is above maxReplicas" $where $kind) -}}
{{- end -}}
{{- end -}}
{{- if and $s.autoscaling.enabled (not (dig "requests" "cpu" "" $s.resources)) -}}
{{- $wrong = append $wrong (printf "%s.resources.requests.cpu: autoscaling is relative to it" $where) -}}
{{- end -}}
{{- if and $s.keda.enabled (not $s.keda.prometheus) -}}
{{- $wrong = append $wrong (printf "%s.keda.prometheus: give the address of a Prometheus server" $where) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "wrong" $wrong) -}}
{{- end -}}
