#!/bin/bash
# Every row of the benchmark in its shortest form, with the peers that are here: that each contestant gives a figure, and
# that table, JSON and CSV are well formed and say the same. Nothing is asserted about speed.
# shellcheck source=../project/lib.sh
. "$(dirname "$0")/../project/lib.sh"

bench=$TROUPE_BIN_DIR/bench
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp TROUPE_STATE=$scratch/state

# The list knows each target's row and peer; with --all all of them are there.
"$bench" --list --all >"$scratch/all" || fail "bench --list --all failed: a target that no row bears?"

# The exit status tells that no contestant failed.
"$bench" --quick --csv "$scratch/csv" >"$scratch/table" || fail "bench --quick failed"
"$bench" --quick --all --only '10,000' --json >"$scratch/json" || fail "bench --quick, 10,000 actors: failed"
if [[ -n ${TROUPE_SANITIZE:-} ]]; then
    echo "bench --quick, pools: not run, because a sanitizer's shadow counts as memory"
else
    "$bench" --quick --all --only '^pool of 4' >"$scratch/pools" || fail "bench --quick, pools: failed"
fi
"$bench" --rounds 1 --only 'spawn to ready' >"$scratch/target" || fail "bench --only failed"

# In the CSV each figure is positive, and nearly every row has one of troupe's; only the machine's memory may be anything
# in a short run.
"$bench" --list >"$scratch/rows"
[[ -s $scratch/rows ]] || fail "no rows"
awk -F'"' '
    NR == FNR { rows[$0]; next }
    FNR == 1  { next }
    { split($5, tail, ","); figure = tail[3]
      if (!($2 in rows))                        { print "no such row: " $0; bad = 1 }
      if (figure <= 0 && $2 !~ /machine/)       { print "no figure: " $0; bad = 1 }
      if ($4 == "troupe") seen[$2]++ }
    END { for (row in seen) count++
          if (count < 15) { print "only " count " rows have a figure of troupe"; bad = 1 }
          exit bad }' "$scratch/rows" "$scratch/csv" || fail "the CSV is not well formed"

# The table has a line for each contestant of each row, with a figure or "not here".
grep -q '^MEASUREMENT .*UNIT .*WHO .*MEDIAN .*LEAST .*MOST' "$scratch/table" || fail "the table has no header"
while IFS= read -r row; do
    grep -F "$row " "$scratch/table" | grep -qE ' troupe +([0-9.-]+ |not here)' || fail "the table lacks: $row"
done <"$scratch/rows"
grep -q ' failed' "$scratch/table" && fail "somebody failed" "$(cat "$scratch/table")"
grep -qE '<= 2.5 x: (met|missed)' "$scratch/target" || fail "no target is judged"

if has jq; then
    jq -e '.rows | length == 4 and all(has("name") and has("unit") and has("troupe") and has("peer_name")
           and has("peer") and has("ratio"))' "$scratch/json" >/dev/null || fail "the JSON is not well formed"
fi

# What crashed on purpose is nobody's report.
[[ ! -e $TROUPE_STATE/crashes ]] || fail "the bench leaves reports of crashes"
[[ -z $(ls "$scratch/tmp") ]] || fail "the bench leaves files:" "$(ls "$scratch/tmp")"

# Processes of ours that were exec'ed with this in their environment.
mark=BENCH_TEST_MARK=$scratch
marked() { grep -lsz "^$mark\$" /proc/[0-9]*/environ | grep -oE '[0-9]+' || true; }

# A peer that hangs is ended at its deadline, before the next one starts, with the processes that it has started itself.
mkdir "$scratch/bin"
cat >"$scratch/bin/python3" <<END
#!/bin/sh
[ "\$1" = --version ] && exit 0
for os_pid in \$(cat "$scratch/hung" 2>/dev/null); do
    kill -0 "\$os_pid" 2>/dev/null && echo "\$os_pid" >>"$scratch/still_there"
done
sleep 1000 &
echo "\$\$ \$!" >"$scratch/hung"
wait
END
chmod +x "$scratch/bin/python3"
status=0
env "$mark" PATH="$scratch/bin:$PATH" "$bench" --quick --only '^round trip 64 B' --deadline 2 \
    >"$scratch/late" 2>"$scratch/late.errors" || status=$?
[[ $status == 3 ]] || fail "a peer hangs, and the exit status is $status"
for peer in Pipe Queue; do
    grep -qE "^round trip 64 B.* Python $peer +no answer" "$scratch/late" || fail "Python $peer does not hang" \
        "$(cat "$scratch/late")"
    grep -q "Python $peer: no answer within 2 s" "$scratch/late.errors" || fail "nobody says that Python $peer hangs"
done
[[ ! -e $scratch/still_there ]] || fail "a peer that hung was still there when the next one started"
[[ -z $(marked) ]] || fail "processes of the bench are left: $(marked)"

# Ctrl-C in the midst of a measurement leaves no process and no file.
mkdir -m 700 "$scratch/run"
env --default-signal=INT "$mark" XDG_RUNTIME_DIR="$scratch/run" "$bench" --only '^one way 64 B' --rounds 100 \
    >/dev/null 2>&1 &
guardian=$!
has_peer() {
    local os_pid
    for os_pid in $(marked); do
        tr '\0' ' ' <"/proc/$os_pid/cmdline" 2>/dev/null | grep -q -- '--raw' && return
    done
    return 1
}
deadline=$((SECONDS + 60))
until has_peer; do
    ((SECONDS < deadline)) || fail "no peer is measured"
done
kill -INT "$guardian"
wait "$guardian" || true
[[ -z $(marked) ]] || fail "Ctrl-C leaves processes of the bench: $(marked)"
[[ -z $(ls -A "$scratch/run") ]] || fail "Ctrl-C leaves files of the bench:" "$(find "$scratch/run")"
