# What each rule of rules.yml finds and what it leaves alone; `semgrep test` compares. Never run.
# ruff: noqa


def errors_in_logs(error):
    # ruleid: what-an-error-says-is-not-logged
    log.warning("no answer", error=str(error))
    # ruleid: what-an-error-says-is-not-logged
    log.error(f"order of {error} failed")
    # ok: what-an-error-says-is-not-logged
    log.warning("no answer", error=error, post=str(post_id))


def calls_in_transactions(self):
    with self.db.transaction(ME) as tx:
        # ruleid: nothing-is-called-while-a-transaction-is-open
        ray.get(self.actor.work.remote(tx.now))
        tx.announce("order:1", OrderPlaced())
    # ok: nothing-is-called-while-a-transaction-is-open
    self.actor.work.remote(1)


def addresses(url):
    # ruleid: outside-addresses-go-through-the-guard
    httpx.post(url)
    # ok: outside-addresses-go-through-the-guard
    post(url, {}, b"", networks=())


def comparing(hook, given):
    # ruleid: secrets-are-compared-in-constant-time
    if hook.secret == given:
        return True
    # ruleid: secrets-are-compared-in-constant-time
    if sign(hook.secret) != given:
        return False
    # ok: secrets-are-compared-in-constant-time
    query = select(ApiKey).where(ApiKey.secret == given)
    # ok: secrets-are-compared-in-constant-time
    return compare_digest(hook.secret, given)


def settings():
    # ruleid: settings-are-read-in-one-place
    return os.environ.get("BACKOFFICE_STRIPE_KEY")


def cookies(answer):
    # ruleid: cookies-say-how-they-travel
    answer.set_cookie("session", "x")
    # ok: cookies-say-how-they-travel
    answer.set_cookie("session", "x", secure=True, httponly=True, samesite="lax")


def exports(rows, told):
    # ruleid: cells-are-guarded
    csv.writer(told).writerows(rows)
    # ok: cells-are-guarded
    csv.writer(told).writerows([guard(cell) for cell in row] for row in rows)
