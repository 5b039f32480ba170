// The command a person would have typed: servers wrap commands as `/bin/bash -lc '…'`, which nobody wants to read.

const WRAPPER = /^(?:\S*\/)?(?:bash|zsh|sh|dash) -l?c ([\s\S]+)$/;

export function unwrapCommand(command: string): string {
  const word = WRAPPER.exec(command)?.[1];
  return word === undefined ? command : unquote(word) ?? command;
}

/** The value of one shell word, or null when the text is more than one or not closed. */
function unquote(text: string): string | null {
  let value = "";
  let rest = text;
  while (rest !== "") {
    const single = /^'([^']*)'/.exec(rest);
    const double = /^"((?:[^"\\$`]|\\[\s\S])*)"/.exec(rest);
    const plain = /^(?:[^\s'"\\$`;&|<>()]|\\[\s\S])+/.exec(rest);
    if (single) value += single[1] ?? "";
    else if (double) value += (double[1] ?? "").replace(/\\(["\\$`])/g, "$1").replaceAll("\\\n", "");
    else if (plain) value += plain[0].replace(/\\([\s\S])/g, "$1");
    else return null;
    rest = rest.slice((single ?? double ?? plain)?.[0].length ?? rest.length);
  }
  return value;
}
