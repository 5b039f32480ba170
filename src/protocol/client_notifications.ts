// The table of client → server notifications.
export const clientNotifications = {
  "initialized": { doc: "The client has read the answer to `initialize`." },
} as const;
