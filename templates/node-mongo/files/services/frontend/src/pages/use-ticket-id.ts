import { useParams } from "react-router";

const ID = /^[0-9a-f]{24}$/;

/** The id in the address, or null where the address names no ticket. */
export function useTicketId(): string | null {
  const { id = "" } = useParams();
  return ID.test(id) ? id : null;
}
