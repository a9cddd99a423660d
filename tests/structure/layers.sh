#!/bin/sh
# Includes go cmd -> store -> core, never up: read from the #include lines.
set -eu
cd "$1"

bad=0
# complain LAYER PATTERN: no file of LAYER may include what PATTERN matches
complain() {
	found=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+\"($2)/" "$1" \
		--include='*.c' --include='*.h' || true)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		bad=1
	fi
}
complain core 'store|cmd|tests'
complain store 'cmd|tests'
complain cmd 'tests'

# every include of ours is written from the top, so that the rule above sees it
relative=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' core store cmd \
	--include='*.c' --include='*.h' |
	grep -vE '"(core|store|cmd)/' || true)
if [ -n "$relative" ]; then
	printf '%s\n' "$relative"
	bad=1
fi

# core prints nothing and reaches for nothing outside; store prints nothing
io=$(grep -rnwE 'printf|fprintf|puts|fputs|putchar|fopen|open|openat|getenv|time|clock_gettime' core \
	--include='*.c' | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)' |
	grep -E '\b(printf|fprintf|puts|fputs|putchar|fopen|open|openat|getenv|time|clock_gettime)\(' |
	grep -vE -e '->getenv\(' || true)
if [ -n "$io" ]; then
	printf '%s\n' "$io"
	bad=1
fi
printing=$(grep -rnE '\b(printf|puts|putchar)\(|fprintf\((stdout|stderr)|fputs\([^;]*, *(stdout|stderr)\)' store \
	--include='*.c' || true)
if [ -n "$printing" ]; then
	printf '%s\n' "$printing"
	bad=1
fi
exit $bad
