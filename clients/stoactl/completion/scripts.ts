export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** For bash 3.2 and later, without the package of completions. A name with a character that parts words, such as `@`, is completed from behind it. */
const bash = `# Completion of stoactl for bash.
_stoactl() {
  local line=\${COMP_LINE:0:COMP_POINT} IFS=$' \\t\\n' words=() found=() value typed behind
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  typed=\${words[\${#words[@]}-1]}
  behind=\${typed%"\${typed##*[$COMP_WORDBREAKS]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ -n $value ]] && found+=("$value")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ \${found[0]} == :files ]]; then
    compopt -o filenames 2>/dev/null || :
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$2")
    return
  fi
  for value in "\${found[@]}"; do
    value=\${value#"$behind"}
    COMPREPLY+=("$(printf %q "$value")")
  done
}
complete -F _stoactl stoactl
`;

const zsh = `#compdef stoactl
# Completion of stoactl for zsh.
_stoactl() {
  local -a lines found
  local line
  lines=("\${(@f)$("\${(Q)words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ \${lines[1]} == :files ]]; then
    _files
    return
  fi
  for line in "\${lines[@]}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#found} )) && _describe stoactl found
}
if [[ \${funcstack[1]} == _stoactl ]]; then _stoactl "$@"; else compdef _stoactl stoactl; fi
`;

const fish = `# Completion of stoactl for fish.
function __stoactl_complete
    set -l words (commandline -opc)
    set -l found ($words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c stoactl -f -a '(__stoactl_complete)'
`;

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
