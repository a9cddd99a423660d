# Sixteen processes at once, on one store, with one and with many environments; some are killed.
load ../lib/cli.bash
load ../lib/tiny.bash

N=16

setup() {
	setup_home
	export CENV_SANDBOX=off
	cenv cache info >/dev/null
}

# at_once FUNCTION: calls it with 1 to N, each in a process of its own that may take a minute and
# leaves what it says in log-1 to log-N; fails when one of them does
at_once() {
	local i failed=0 pids=()
	for ((i = 1; i <= N; i++)); do
		"$1" "$i" >"log-$i" 2>&1 3>&- &
		pids+=($!)
	done
	for ((i = 1; i <= N; i++)); do
		wait "${pids[i - 1]}" || {
			echo "process $i:" >&2
			cat "log-$i" >&2
			failed=1
		}
	done
	return "$failed"
}

# until_true COMMAND...: waits for it, half a minute at most
until_true() {
	local i
	for i in {1..300}; do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# slow NAME SECONDS: its build takes so long
slow() {
	tiny "$1" 1
	sed -i "s/^build =/&\n    sleep $2/" "index/$1.ini"
}

# whole STORE AND ENVIRONMENT...: nothing is damaged, nothing is left over
whole() {
	local e
	cenv cache verify -q
	assert_equal "$(ls "$CENV_HOME/tmp" "$CENV_HOME/build")" \
		"$CENV_HOME/build:"$'\n\n'"$CENV_HOME/tmp:"
	for e; do
		cenv check -q --env "$e"
		assert_equal "$(find "$e/lib/cenv" -name 'journal*' -o -name undo)" ""
	done
}

@test "many environments, one store: each object is built once, the others wait and say so" {
	slow first 2
	tiny second 1 first
	tiny third 1
	use_tiny
	make_one() {
		timeout 60 cenv create -q "e$1" && timeout 60 cenv install --env "e$1" second third
	}
	at_once make_one
	for name in first second third; do
		assert_equal "$name: $(cat log-* | grep -c "^  built *$name 1 ")" "$name: 1"
	done
	assert_contains "$(cat log-*)" "  waiting   first 1 is being built by another cenv"
	assert_equal "$(objects)" 3
	cenv cache verify -q
	for ((i = 1; i <= N; i++)); do
		cenv check -q --env "e$i"
		assert_equal "$(cenv list --env "e$i" | wc -l)" 3
	done
}

@test "one environment: all changes happen, one after the other, and who waits says so" {
	for ((i = 1; i <= N; i++)); do tiny "p$i" 1; done
	use_tiny
	cenv create -q e
	install_one() {
		timeout 60 cenv install --env e "p$1"
	}
	at_once install_one
	assert_contains "$(cat log-*)" "waiting for $PWD/e"
	assert_equal "$(cenv list --env e | wc -l)" "$N"
	assert_equal "$(wc -l <e/lib/cenv/history)" "$N"
	whole e
}

@test "one environment: who looks sees whole states only" {
	tiny a 1
	tiny a 2
	tiny b 1 a
	use_tiny
	cenv create -q e
	cenv install -q --env e a==2
	cenv install -q --env e b a==1
	work() {
		local round
		for round in 1 2 3; do
			case $1 in
			1) timeout 60 cenv install -q --env e a==2 ;;
			2) timeout 60 cenv install -q --env e a==1 ;;
			3) timeout 60 cenv uninstall -q -y --env e b || true ;; # gone already, perhaps
			4) timeout 60 cenv install -q --env e b ;;
			5) timeout 60 cenv create -q --upgrade --prompt "$round" e ;;
			6) timeout 60 cenv cache gc -q --older-than 0 ;;
			7) timeout 60 cenv cache verify -q ;;
			8 | 9) timeout 60 cenv list --env e | grep -E '^a +[12]$' ;;
			10) timeout 60 cenv freeze --env e | grep -E '^a==[12] ' ;;
			*) timeout 60 cenv check -q --env e ;;
			esac || return 1
		done
	}
	at_once work
	whole e
}

@test "killed at any moment, sixteen at a time: the others go on, and what is left is whole" {
	for ((i = 1; i <= N; i++)); do tiny "p$i" 1; done
	use_tiny
	cenv create -q e
	die_or_live() { # every second one is killed, each a little later
		if [ $(($1 % 2)) -eq 0 ]; then
			timeout 60 cenv install --env e "p$1"
		else
			timeout -s KILL "0.$(printf %02d $(($1 * 5)))" cenv install --env e "p$1" || true
		fi
	}
	at_once die_or_live
	run -0 cenv list --env e
	for ((i = 2; i <= N; i += 2)); do
		assert_contains "$output" "p$i "
	done
	cenv check -q --env e
	cenv cache verify -q
	all() {
		timeout 60 cenv install -q --env e p{1..16}
	}
	at_once all
	assert_equal "$(cenv list --env e | wc -l)" "$N"
	cenv cache gc -q
	whole e
}

@test "the lock of a builder that was killed is no obstacle: who waits builds" {
	tiny late 1
	sed -i "s|^build =|&\n    [ ! -e '$PWD/hold' ] \|\| sleep 30|" index/late.ini
	use_tiny
	cenv create -q e
	cenv create -q f
	touch hold
	cenv install -q --env e late 3>&- &
	builder=$!
	is_building() { [ -n "$(ls "$CENV_HOME/build")" ]; }
	until_true is_building
	timeout 60 cenv install --env f late >log 2>&1 3>&- &
	waiter=$!
	until_true grep -q 'is being built by another cenv' log
	rm hold
	kill -KILL "$builder"
	wait "$builder" || true
	wait "$waiter"
	assert_contains "$(cat log)" "  built     late 1 "
	cenv check -q --env f
	run -0 timeout 60 cenv install --env e late
	whole e f
}
