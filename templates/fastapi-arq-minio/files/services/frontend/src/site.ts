/** What the shared pages and the header say of this application. */
export const SITE = {
  name: "Files",
  /** Where one lands after signing in, and the way back from nowhere. */
  home: "/files",
  homeLabel: "All files",
} as const;
