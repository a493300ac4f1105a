import { deleteFile, fileKeys } from "../api/files";
import type { StoredFile } from "../api/types";
import { DeleteButton } from "./delete-button";

export function DeleteFile({ file: { id, name } }: { readonly file: StoredFile }) {
  return (
    <DeleteButton what="file" remove={() => deleteFile(id)} listPath="/files" detailKey={fileKeys.detail(id)} listsKey={fileKeys.lists}>
      “{name}” and what was found in it will be gone.
    </DeleteButton>
  );
}
