#!/bin/bash
# Every row of the benchmark in its shortest form, with the peers that are here: that each contestant gives a figure, and
# that table, JSON and CSV are well formed and say the same. Nothing is asserted about speed.
# shellcheck source=../project/lib.sh
. "$(dirname "$0")/../project/lib.sh"

bench=$TROUPE_BIN_DIR/bench

# The list knows each target's row and peer; with --all all of them are there.
"$bench" --list --all >"$scratch/all" || fail "bench --list --all failed: a target that no row bears?"

# The exit status tells that no contestant failed.
"$bench" --quick --csv "$scratch/csv" >"$scratch/table" || fail "bench --quick failed"
"$bench" --quick --all --only '10,000' --json >"$scratch/json" || fail "bench --quick, 10,000 actors: failed"
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
