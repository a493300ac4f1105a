/** What the shared pages and the header say of this application. */
export const SITE = {
  name: "Shop",
  /** Where one lands after signing in, and the way back from nowhere. */
  home: "/products",
  homeLabel: "All products",
} as const;
