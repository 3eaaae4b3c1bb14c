# bash completion for davit (and dokku, its second name): commands, then apps.
_davit() {
	local cur=${COMP_WORDS[COMP_CWORD]} words
	# "apps:list" is one word to davit and three to bash.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n : cur
	fi
	if ((COMP_CWORD == 1)) || [[ ${COMP_LINE%"$cur"} =~ ^[^\ ]+\ +$ ]]; then
		words=$("$1" help --names 2>/dev/null)
	else
		words=$("$1" --quiet apps:list 2>/dev/null)
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}
complete -F _davit davit dokku
