import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { isStatus } from "../api/errors";
import type { Account } from "../api/types";
import { changeUser, useAccount, userKeys, userListQuery } from "../api/users";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { SearchField } from "../components/search-field";
import { ShowMore } from "../components/show-more";
import { NotFoundPage } from "./not-found";

/** For administrators; the API refuses everybody else, whatever this page shows. */
export function UserListPage() {
  const account = useAccount();
  return account?.role === "admin" ? <Users me={account} /> : <NotFoundPage />;
}

function Users({ me }: { readonly me: Account }) {
  const [query, setQuery] = useSearchParams();
  const search = query.get("search") ?? "";
  const users = useInfiniteQuery(userListQuery(search));
  const shown = users.data?.pages.flatMap(({ results }) => results);

  return (
    <>
      <PageHeading title="Accounts" />
      <search className="filters">
        <SearchField search={search} onSearch={(value) => setQuery(value === "" ? {} : { search: value }, { replace: true })} />
      </search>
      {users.isPending && <Loading what="accounts" />}
      {users.error !== null && <ErrorNotice error={users.error} onRetry={() => void users.refetch()} />}
      {shown !== undefined && (
        <>
          {shown.length === 0 && <p className="empty">No address begins like that.</p>}
          <ul className="rows">
            {shown.map((user) => (
              <UserRow key={user.id} user={user} own={user.id === me.id} />
            ))}
          </ul>
          <ShowMore hasMore={users.hasNextPage} busy={users.isFetchingNextPage} onMore={() => void users.fetchNextPage()} />
        </>
      )}
    </>
  );
}

function UserRow({ user, own }: { readonly user: Account; readonly own: boolean }) {
  const queryClient = useQueryClient();
  const changing = useMutation({
    mutationFn: (change: Partial<Pick<Account, "role" | "active">>) => changeUser(user, change),
    // Also after a 412: then the list shows what another administrator has done.
    onSettled: () => queryClient.invalidateQueries({ queryKey: userKeys.lists }),
  });

  return (
    <li className="row">
      <h2>{user.email}</h2>
      <p className="meta">
        <span>{user.role === "admin" ? "Administrator" : "User"}</span>
        {!user.active && <span className="badge failed">Barred</span>}
        <span>
          Since <DateTime value={user.created_at} />
        </span>
      </p>
      {own ? (
        <p className="hint">This is you: another administrator may change it.</p>
      ) : (
        <div className="actions">
          <button
            type="button"
            className="button"
            disabled={changing.isPending}
            onClick={() => changing.mutate({ role: user.role === "admin" ? "user" : "admin" })}
          >
            {user.role === "admin" ? "Make a user" : "Make an administrator"}
          </button>
          <button
            type="button"
            className="button danger"
            disabled={changing.isPending}
            onClick={() => changing.mutate({ active: !user.active })}
          >
            {user.active ? "Bar" : "Let in again"}
          </button>
        </div>
      )}
      {isStatus(changing.error, 412) ? (
        <p role="alert">Somebody else changed this account a moment ago. Nothing was saved; look again.</p>
      ) : (
        changing.error !== null && <ErrorNotice error={changing.error} />
      )}
    </li>
  );
}
