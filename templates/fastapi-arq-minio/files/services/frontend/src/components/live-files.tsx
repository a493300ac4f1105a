import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Outlet } from "react-router";
import { BASE } from "../api/client";
import { fileKeys } from "../api/files";

type FileEvent = {
  readonly id: string;
  readonly state: string;
  readonly progress?: number;
};

/** Keeps everything below up to date: the API tells by events, and what it tells is asked for anew. */
export function LiveFiles() {
  const queryClient = useQueryClient();

  useEffect(() => {
    const events = new EventSource(`${BASE}/files/events/`);

    // What happened while there was no connection was told to nobody.
    events.addEventListener("resync", () => void queryClient.invalidateQueries({ queryKey: fileKeys.all }));

    events.addEventListener("file", ({ data }: MessageEvent<string>) => {
      const { id, state, progress } = JSON.parse(data) as FileEvent;
      queryClient.setQueryData(fileKeys.progress(id), state === "processing" ? (progress ?? 0) : null);
      if (state === "processing" && (progress ?? 0) > 0) return;
      void queryClient.invalidateQueries({ queryKey: fileKeys.lists });
      void queryClient.invalidateQueries({ queryKey: fileKeys.detail(id) });
    });

    return () => events.close();
  }, [queryClient]);

  return <Outlet />;
}
