/** What the shared pages and the header say of this application. */
export const SITE = {
  name: "Tickets",
  /** Where one lands after signing in, and the way back from nowhere. */
  home: "/tickets",
  homeLabel: "All tickets",
} as const;
