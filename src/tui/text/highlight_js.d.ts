// What highlight.ts uses of highlight.js. The package's own types bring the browser's whole DOM into the program, where
// they would stand in for Deno's types of WebSocket, fetch and timers.

interface HighlightJs {
  getLanguage(name: string): object | undefined;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { readonly value: string };
}

declare const hljs: HighlightJs;
export default hljs;
