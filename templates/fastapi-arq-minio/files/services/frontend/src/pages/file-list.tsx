import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { isStatus } from "../api/errors";
import { fileListQuery } from "../api/files";
import type { StoredFile } from "../api/types";
import { bytes } from "../components/bytes";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { FileStateBadge } from "../components/file-state";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Pagination } from "../components/pagination";
import { Uploads } from "../components/uploads";

export function FileListPage() {
  const [query, setQuery] = useSearchParams();
  const page = Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1);
  const files = useQuery(fileListQuery(page));
  const go = (wanted: number) => setQuery(wanted === 1 ? {} : { page: String(wanted) });

  return (
    <>
      <PageHeading title="Files" />
      <Uploads />
      {files.data !== undefined && (
        <p className="count" role="status">
          {files.data.count === 1 ? "1 file" : `${files.data.count.toLocaleString()} files`}
        </p>
      )}
      {files.isPending && <Loading what="files" />}
      {isStatus(files.error, 404) && page > 1 ? (
        <div className="empty">
          <p>There are fewer pages than that.</p>
          <button type="button" className="button" onClick={() => go(1)}>
            First page
          </button>
        </div>
      ) : (
        files.error !== null && <ErrorNotice error={files.error} onRetry={() => void files.refetch()} />
      )}
      {files.data !== undefined && (
        <div aria-busy={files.isPlaceholderData}>
          {files.data.count === 0 ? (
            <div className="empty">
              <p>You have not uploaded anything yet.</p>
            </div>
          ) : (
            <ul className="rows">
              {files.data.results.map((file) => (
                <FileRow key={file.id} file={file} />
              ))}
            </ul>
          )}
          <Pagination page={page} hasPrevious={files.data.previous !== null} hasNext={files.data.next !== null} onGo={go} />
        </div>
      )}
    </>
  );
}

function FileRow({ file }: { readonly file: StoredFile }) {
  return (
    <li className="row linked">
      <h2>
        <Link to={`/files/${file.id}`}>{file.name}</Link>
      </h2>
      <p className="meta">
        <FileStateBadge file={file} />
        <span>{bytes(file.size)}</span>
        <DateTime value={file.created_at} />
      </p>
    </li>
  );
}
