import { articleKeys, deleteArticle } from "../api/articles";
import type { Article } from "../api/types";
import { DeleteButton } from "./delete-button";

export function DeleteArticle({ article: { id, title } }: { readonly article: Article }) {
  return (
    <DeleteButton
      what="article"
      remove={() => deleteArticle(id)}
      listPath="/articles"
      detailKey={articleKeys.detail(id)}
      listsKey={articleKeys.lists}
    >
      “{title}” and its analysis will be gone for good.
    </DeleteButton>
  );
}
