# For the tests of the logs: a folder of their own in $work, and $work/lines,
# which writes lines with the real log code. Sourced from the root.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects=$(for file in src/base/*.c; do
	case $file in *_test.c) continue ;; esac
	printf '%s ' "$B/o/base/$(basename "$file" .c).o"
done)
# shellcheck disable=SC2086 # a list of words
make --no-print-directory B="$B" $objects >"$work/build.log" 2>&1 &&
	gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -fPIE -pie \
		-iquote include/base -o "$work/lines" tests/ops/lines.c $objects \
		-ljson-c -lsodium -lz -lm >>"$work/build.log" 2>&1 || {
	cat "$work/build.log"
	exit 1
}

# expect NAME WANTED GOT
expect()
{
	if [ "$2" = "$3" ]; then
		echo "ok ops: $1"
	else
		echo "not ok ops: $1"
		echo "    wanted $2, got $3"
	fi
}
