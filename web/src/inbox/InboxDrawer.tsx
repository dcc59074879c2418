import Button from "@mui/material/Button";
import Drawer from "@mui/material/Drawer";
import IconButton from "@mui/material/IconButton";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BellOff, CircleAlert, CircleCheck, Settings2, X } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Empty, Loaded } from "@/parts/states";
import { Ago } from "@/parts/When";
import { noticePlace } from "./places";

type Notice = Shape<"Notice">;
const GOOD = new Set(["bulk_finished", "import_finished"]);

/** What one was told, newest first; opening one reads it. */
export default function InboxDrawer({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [onlyUnread, setOnlyUnread] = useState(false);
  const list = useQuery({
    queryKey: ["inbox", "list", onlyUnread],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/inbox", { params: { query: { limit: 100, ...(onlyUnread ? { read_eq: false } : {}) } } }))).data,
  });
  const again = { done: () => void queries.invalidateQueries({ queryKey: ["inbox"] }) };
  const read = useWrite((ids: string[] | null, once) => answer(api.POST("/api/v1/inbox/read", { body: { ids }, ...once })), again);
  const unread = useWrite((ids: string[], once) => answer(api.POST("/api/v1/inbox/unread", { body: { ids }, ...once })), again);
  const open = (notice: Notice) => {
    if (!notice.read) read.mutate([notice.id]);
    const place = noticePlace(notice.subject);
    if (!place) return;
    close();
    void navigate(place);
  };
  return (
    <Drawer anchor="right" open onClose={close} slotProps={{ paper: { className: "drawer", "aria-label": "Inbox" } }}>
      <header className="drawer-head">
        <h2>Inbox</h2>
        <span className="row">
          <Button variant="text" aria-pressed={onlyUnread} onClick={() => setOnlyUnread(!onlyUnread)}>
            {onlyUnread ? "Show all" : "Only unread"}
          </Button>
          <Button variant="text" onClick={() => read.mutate(null)} disabled={!list.data?.some((n) => !n.read)}>
            Mark all read
          </Button>
          <IconButton aria-label="What I am told" title="What I am told" onClick={() => { close(); void navigate("/account"); }}>
            <Settings2 size={16} />
          </IconButton>
          <IconButton aria-label="Close" onClick={close}>
            <X size={16} />
          </IconButton>
        </span>
      </header>
      <div className="drawer-body">
        <Loaded query={list} lines={6}>
          {(notices) =>
            notices.length === 0 ? (
              <Empty icon={BellOff} title={onlyUnread ? "Everything is read" : "Nobody needs you"}>
                What fails, is stuck or is over comes here.
              </Empty>
            ) : (
              <ul className="notes">
                {notices.map((notice) => (
                  <li key={notice.id} data-unread={!notice.read || undefined}>
                    <button type="button" className="note-open" onClick={() => open(notice)}>
                      {GOOD.has(notice.kind) ? <CircleCheck size={16} aria-hidden className="note-good" /> : <CircleAlert size={16} aria-hidden className="note-bad" />}
                      <span className="note-text">
                        <span className="note-title">
                          {notice.title}
                          {notice.times > 1 && <span className="unit">{notice.times}×</span>}
                          {!notice.read && <span className="sr">unread</span>}
                        </span>
                        <span className="quiet small note-body">{notice.body}</span>
                        <span className="faint small"><Ago at={notice.updated_at} /></span>
                      </span>
                    </button>
                    <Button variant="text" onClick={() => (notice.read ? unread : read).mutate([notice.id])}>
                      {notice.read ? "Unread" : "Read"}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Drawer>
  );
}
