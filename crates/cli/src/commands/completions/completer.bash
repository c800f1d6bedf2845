
FUNCTION() {
    local IFS=$'\013' spaced=false
    if compopt +o nospace 2> /dev/null; then
        spaced=true
    fi
    COMPREPLY=( $( VARIABLE=bash COMPLETER "index=$COMP_CWORD" "current=$2" "line=$COMP_LINE" -- "${COMP_WORDS[@]}" ) )
    if [[ $? != 0 ]]; then
        unset COMPREPLY
    elif [[ $spaced == true && ${COMPREPLY-} =~ [=/:]$ ]]; then
        compopt -o nospace
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F FUNCTION PROGRAM
else
    complete -o nospace -o bashdefault -F FUNCTION PROGRAM
fi
