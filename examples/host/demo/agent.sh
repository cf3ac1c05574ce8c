# Plays the agent: does what the task says, as a model would, and makes the mistakes that the demo is about.
set -eu
sleep 0.4
case "$TASK_ID" in
greeting) echo "Welcome to the garden." > greeting.txt ;;
farewell) echo "Come again, and mind the gate." > farewell.txt ;;
poem)
    printf 'The whale rolls over in its sleep,\nthe tide goes out, the tide comes in,\n' > poem.txt
    echo 'and every promise that we keep' >> poem.txt
    # The checks' complaint comes with the second round.
    [ "$LEVIATHAN_ROUND" -eq 1 ] || echo 'is one more line to now begin.' >> poem.txt
    ;;
fence)
    echo "mended" > fence.txt
    echo "and the neighbour's too" > neighbour.txt
    ;;
riddle) echo "What is it that runs and never walks? answer: a river, round $LEVIATHAN_ROUND" > riddle.txt ;;
guide)
    mkdir -p docs
    echo "Enter with a greeting, leave with a farewell, and read the poem in between." > docs/guide.txt
    ;;
*)
    echo "the agent does not know the task $TASK_ID" >&2
    exit 1
    ;;
esac
echo "done with $TASK_ID in round $LEVIATHAN_ROUND"
