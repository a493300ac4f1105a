/** What the shared pages and the header say of this application. */
export const SITE = {
  name: "Articles",
  /** Where one lands after signing in, and the way back from nowhere. */
  home: "/articles",
  homeLabel: "All articles",
} as const;
