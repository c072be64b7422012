# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What ./dev prints: titles, progress of long steps, and where the log of a failed one lies.

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'dev: %s\n' "$*" >&2; exit 1; }

job=
stop_job() {
  [[ -n $job ]] && kill -TERM -- "-$job" 2>/dev/null && wait "$job" 2>/dev/null
  exit 130
}

# The last "[12/70]" of a log, as ninja prints it.
step_of_log() { tail -c 2000 "$1" 2>/dev/null | grep -ao '\[[0-9]*/[0-9]*\]' | tail -n 1; }

# quietly TITLE LOG COMMAND...: runs COMMAND with its output in .sdk/logs/LOG.log, shows that it
# goes on, and names the log when it fails.
quietly() {
  local title=$1 log="$project/.sdk/logs/$2.log" start=$SECONDS status=0 shown=0
  shift 2
  mkdir -p "$project/.sdk/logs"
  [[ -t 2 ]] || say "$title ..."
  trap stop_job INT TERM
  set -m                       # a process group of its own, so that Ctrl-C can end all of it
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  set +m
  while kill -0 "$job" 2>/dev/null; do
    if [[ -t 2 ]]; then
      printf '\r\033[K%s ... %d s %s' "$title" $((SECONDS - start)) "$(step_of_log "$log")" >&2
    elif ((SECONDS - start >= shown + 30)); then
      shown=$((SECONDS - start))
      say "  $shown s $(step_of_log "$log")"
    fi
    sleep 0.5
  done
  wait "$job" || status=$?
  job=
  trap - INT TERM
  if ((status != 0)); then
    [[ -t 2 ]] && printf '\n' >&2
    tail -n 25 "$log" >&2
    say "dev: failed: $title"
    say "     the whole log: ${log#"$PWD"/}"
    return "$status"
  fi
  if [[ -t 2 ]]; then
    printf '\r\033[K%s: done in %d s\n' "$title" $((SECONDS - start)) >&2
  else
    say "  done in $((SECONDS - start)) s"
  fi
}
