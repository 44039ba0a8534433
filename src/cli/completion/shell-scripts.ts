/**
 * What makes a shell ask this program: each candidate is a line, with a description behind a tab; the line
 * `:files` stands for the files of the present folder.
 */
export const SHELL_SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `# Completion of dispatcherctl for bash
_dispatcherctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" current candidate prefix
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  current="\${words[\${#words[@]}-1]}"
  # bash takes = and : for the end of a word: only what is behind the last of them is replaced
  prefix="\${current%"\${current##*[=:]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    if [[ "$candidate" == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done \\
        < <(compgen -f -- "\${current#"$prefix"}")
    elif [[ "$candidate" == "$current"* ]]; then
      COMPREPLY+=("\${candidate#"$prefix"}")
    fi
  done < <(dispatcherctl __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _dispatcherctl dispatcherctl
`,
  ],
  [
    'zsh',
    `#compdef dispatcherctl
# Completion of dispatcherctl for zsh
_dispatcherctl() {
  local line value
  local -a values shown open openShown
  for line in "\${(@f)$(dispatcherctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    value="\${line%%$'\\t'*}"
    if [[ "$value" == ':files' ]]; then
      _files
    elif [[ "$value" == *= ]]; then
      open+=("$value"); openShown+=("\${line/$'\\t'/  }")
    elif [[ -n "$value" ]]; then
      values+=("$value"); shown+=("\${line/$'\\t'/  }")
    fi
  done
  (( $#values )) && compadd -l -d shown -a -- values
  (( $#open )) && compadd -l -S '' -d openShown -a -- open
}
if [[ "$funcstack[1]" == '_dispatcherctl' ]]; then _dispatcherctl "$@"; else compdef _dispatcherctl dispatcherctl; fi
`,
  ],
  [
    'fish',
    `# Completion of dispatcherctl for fish
function __dispatcherctl_complete
    set -l words (commandline -opc)
    for line in (dispatcherctl __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c dispatcherctl -f -a '(__dispatcherctl_complete)'
`,
  ],
]);
