// A theme without any style: screens as the characters that one reads.
import { plainTheme, type Theme } from "../../src/tui/theme.ts";

export const bareTheme: Theme = {
  ...plainTheme,
  bold: (text) => text,
  dim: (text) => text,
  italic: (text) => text,
  underline: (text) => text,
  strike: (text) => text,
};
