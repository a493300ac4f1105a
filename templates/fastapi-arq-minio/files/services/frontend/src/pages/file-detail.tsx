import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { isStatus } from "../api/errors";
import { contentUrl, fileQuery, thumbnailUrl } from "../api/files";
import type { FileResult, StoredFile } from "../api/types";
import { bytes } from "../components/bytes";
import { DateTime } from "../components/date-time";
import { DeleteFile } from "../components/delete-file";
import { ErrorNotice } from "../components/error-notice";
import { FileStateBadge } from "../components/file-state";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { ShareFile } from "../components/share-file";
import { NotFoundPage } from "./not-found";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function FileDetailPage() {
  const { id = "" } = useParams();
  return UUID.test(id) ? <Watched key={id} id={id} /> : <NotFoundPage what="file" />;
}

function Watched({ id }: { readonly id: string }) {
  const file = useQuery(fileQuery(id));

  if (isStatus(file.error, 404)) return <NotFoundPage what="file" />;
  return (
    <>
      {file.isPending && <Loading what="the file" />}
      {file.error !== null && <ErrorNotice error={file.error} onRetry={() => void file.refetch()} />}
      {file.data !== undefined && <Detail file={file.data} />}
    </>
  );
}

function Detail({ file }: { readonly file: StoredFile }) {
  return (
    <article>
      <PageHeading title={file.name}>
        <div className="actions">
          <a className="button primary" href={contentUrl(file.id)} download={file.name}>
            Download
          </a>
          <DeleteFile file={file} />
        </div>
      </PageHeading>
      <p className="meta">
        <span>{file.content_type}</span>
        <span>{bytes(file.size)}</span>
        <span>
          Uploaded <DateTime value={file.created_at} />
        </span>
      </p>
      <div className="file-columns">
        <section className="panel" aria-labelledby="result-title">
          <div className="panel-heading">
            <h2 id="result-title">What is in it</h2>
            <div role="status">
              <FileStateBadge file={file} />
            </div>
          </div>
          {file.state === "failed" && file.error !== "" && <p>{file.error}</p>}
          {file.result !== null && <Result file={file} result={file.result} />}
          <p className="digest">
            SHA-256 <code>{file.sha256}</code>
          </p>
        </section>
        <ShareFile file={file} />
      </div>
    </article>
  );
}

function Result({ file, result }: { readonly file: StoredFile; readonly result: FileResult }) {
  const figures = [
    ["Lines", result.lines],
    ["Words", result.words],
    ["Pages", result.pages],
    ["Width", result.width],
    ["Height", result.height],
  ] as const;
  const known = figures.filter(([, value]) => value !== undefined);
  return (
    <>
      {known.length > 0 && (
        <dl className="figures">
          {known.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value?.toLocaleString()}</dd>
            </div>
          ))}
        </dl>
      )}
      {result.note !== undefined && <p className="hint">{result.note}</p>}
      {file.has_thumbnail && <img className="thumbnail" src={thumbnailUrl(file.id)} alt={`Small version of ${file.name}`} />}
      {result.preview !== undefined && result.preview !== "" && (
        <>
          <h3>How it begins</h3>
          <pre className="preview">{result.preview}</pre>
        </>
      )}
    </>
  );
}
