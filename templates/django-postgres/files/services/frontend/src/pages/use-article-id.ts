import { useParams } from "react-router";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id in the address, or null where the address names no article. */
export function useArticleId(): string | null {
  const { id = "" } = useParams();
  return UUID.test(id) ? id : null;
}
