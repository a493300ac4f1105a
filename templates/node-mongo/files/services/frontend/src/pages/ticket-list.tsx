import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { ticketListQuery } from "../api/tickets";
import { STATES, type TicketState, type TicketSummary } from "../api/types";
import { useAccount } from "../api/users";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { STATE_WORDS, StateBadge } from "../components/labels";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { SearchField } from "../components/search-field";
import { SelectField } from "../components/select-field";
import { ShowMore } from "../components/show-more";

const ANY = "" as const;

export function TicketListPage() {
  const [query, setQuery] = useSearchParams();
  const isAdmin = useAccount()?.role === "admin";
  const search = query.get("search") ?? "";
  const state = STATES.find((one) => one === query.get("state")) ?? ANY;
  const all = isAdmin && query.get("all") === "true";
  const tickets = useInfiniteQuery(ticketListQuery({ search, state, all }));
  const shown = tickets.data?.pages.flatMap(({ results }) => results);

  function show(key: string, value: string): void {
    setQuery(
      (current) => {
        if (value === "") current.delete(key);
        else current.set(key, value);
        return current;
      },
      { replace: true },
    );
  }

  return (
    <>
      <PageHeading title={all ? "Everybody’s tickets" : "Tickets"}>
        <div className="actions">
          {isAdmin && (
            <Link className="button" to="/accounts">
              Accounts
            </Link>
          )}
          <Link className="button primary" to="/tickets/new">
            New ticket
          </Link>
        </div>
      </PageHeading>
      <search className="filters ticket-filters">
        <SearchField search={search} onSearch={(value) => show("search", value)} />
        <SelectField<TicketState | "">
          label="State"
          value={state}
          options={[[ANY, "Any"], ...STATES.map((one) => [one, STATE_WORDS[one]] as const)]}
          onChange={(value) => show("state", value)}
        />
        {isAdmin && (
          <SelectField
            label="Whose"
            value={all ? "true" : ""}
            options={[
              ["", "Mine"],
              ["true", "Everybody’s"],
            ]}
            onChange={(value) => show("all", value)}
          />
        )}
      </search>
      {tickets.isPending && <Loading what="tickets" />}
      {tickets.error !== null && <ErrorNotice error={tickets.error} onRetry={() => void tickets.refetch()} />}
      {shown !== undefined && (
        <div aria-busy={tickets.isPlaceholderData}>
          {shown.length === 0 ? <Nothing filtered={search !== "" || state !== ""} /> : <List tickets={shown} />}
          <ShowMore hasMore={tickets.hasNextPage} busy={tickets.isFetchingNextPage} onMore={() => void tickets.fetchNextPage()} />
        </div>
      )}
    </>
  );
}

function List({ tickets }: { readonly tickets: readonly TicketSummary[] }) {
  return (
    <ul className="rows">
      {tickets.map((ticket) => (
        <li key={ticket.id} className="row linked">
          <h2>
            <Link to={`/tickets/${ticket.id}`}>{ticket.title}</Link>
          </h2>
          <p className="meta">
            <StateBadge state={ticket.state} />
            {ticket.priority === "high" && <span>High priority</span>}
            <span>
              Changed <DateTime value={ticket.updated_at} />
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return (
    <div className="empty">
      {filtered ? (
        <p role="status">Nothing found. Try fewer or other words.</p>
      ) : (
        <>
          <p>There are no tickets yet.</p>
          <Link className="button" to="/tickets/new">
            Write the first ticket
          </Link>
        </>
      )}
    </div>
  );
}
