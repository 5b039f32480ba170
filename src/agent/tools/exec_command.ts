export const execCommand = null as never;
