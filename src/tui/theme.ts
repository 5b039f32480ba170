// Every style of the screen by what it means, so that panes and cells never write escape codes. Two themes exist: with
// colours, and without (NO_COLOR), where weight alone still tells things apart.

export type Style = (text: string) => string;

export interface Theme {
  readonly bold: Style;
  readonly dim: Style;
  readonly italic: Style;
  readonly underline: Style;
  readonly strike: Style;
  /** Selected row, command names, links. */
  readonly accent: Style;
  readonly good: Style;
  readonly bad: Style;
  readonly warning: Style;
  /** Numbers of ordered lists. */
  readonly marker: Style;
  readonly addedRow: Style;
  readonly removedRow: Style;
  /** Source code by highlight.js scope; scopes that are not listed stay plain. */
  readonly code: Readonly<Record<string, Style>>;
}

function sgr(open: string, close: string): Style {
  const start = `\x1b[${open}m`;
  const end = `\x1b[${close}m`;
  // A style inside this one may end with the same code: open ours again after it.
  return (text) => (text === "" ? "" : start + text.replaceAll(end, end + start) + end);
}

function plain(text: string): string {
  return text;
}

const weights = {
  bold: sgr("1", "22"),
  dim: sgr("2", "22"),
  italic: sgr("3", "23"),
  underline: sgr("4", "24"),
  strike: sgr("9", "29"),
};

const green = sgr("32", "39");
const yellow = sgr("33", "39");
const blue = sgr("34", "39");
const magenta = sgr("35", "39");
const cyan = sgr("36", "39");
const grey = sgr("90", "39");

export const colourTheme: Theme = {
  ...weights,
  accent: cyan,
  good: green,
  bad: sgr("31", "39"),
  warning: yellow,
  marker: sgr("94", "39"),
  addedRow: sgr("48;5;22", "49"),
  removedRow: sgr("48;5;52", "49"),
  code: {
    keyword: magenta,
    literal: magenta,
    built_in: cyan,
    type: cyan,
    class: cyan,
    number: yellow,
    string: green,
    regexp: green,
    symbol: green,
    comment: grey,
    doctag: grey,
    meta: grey,
    title: blue,
    function: blue,
    attr: blue,
    attribute: blue,
    property: blue,
    selector: blue,
    tag: blue,
    name: blue,
    section: blue,
    addition: green,
    deletion: sgr("31", "39"),
    variable: yellow,
    params: plain,
  },
};

export const plainTheme: Theme = {
  ...weights,
  accent: plain,
  good: plain,
  bad: plain,
  warning: plain,
  marker: plain,
  addedRow: plain,
  removedRow: plain,
  code: {},
};

/** https://no-color.org: any value that is not empty turns colours off. */
export function chooseTheme(environment: Readonly<Record<string, string>>): Theme {
  return (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb" ? plainTheme : colourTheme;
}
