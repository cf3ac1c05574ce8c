# Says whether the garden is in order. Every complaint names its file.
status=0
complain() { echo "$1" >&2; status=1; }

[ ! -f poem.txt ] || [ "$(wc -l < poem.txt)" -eq 4 ] || complain "poem.txt has $(wc -l < poem.txt) lines, a poem has 4"
[ ! -f riddle.txt ] || grep -q '^answer: time$' riddle.txt || complain "riddle.txt does not give the answer"
for file in *.txt docs/*.txt; do
    [ ! -f "$file" ] || ! grep -q 'TODO' "$file" || complain "$file still says TODO"
done
[ "$status" -ne 0 ] || echo "all in order"
exit "$status"
