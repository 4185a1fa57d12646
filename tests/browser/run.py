#!/usr/bin/env python3
"""Opens exported pages in a real browser and tries what a person would: reads, filters, finds, jumps, prints; and sees that
nothing of a transcript runs, loads or breaks out.

    run.py BINARY [PICTURES]     PICTURES: a directory for screenshots
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import transcripts
from webdriver import Browser

# Seconds that a long page may take for one thing. The machine may be busy: it is a bound against a page that hangs.
MOST_SECONDS = 120
LONG_MESSAGES = 100_000

faults = []


def check(is_right, what, seen=""):
    print("ok      " if is_right else "FAULT   ", what, "" if is_right else f": {seen}", flush=True)
    if not is_right:
        faults.append(what)


def export(binary, work):
    """Archives the transcripts and exports all of them; returns the site, and the page of each."""
    home, source = work / "home", work / "source"
    for directory in (home, source):
        directory.mkdir()
    for name, session in [("hostile", transcripts.hostile()), ("everyday", transcripts.everyday()),
                          ("long", transcripts.long(LONG_MESSAGES))]:
        session.write(source / f"{session.session}.jsonl")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "UTC"}

    def run(*arguments):
        subprocess.run([binary, *arguments, "--quiet"], env=environment, check=True, stdout=subprocess.DEVNULL)

    run("import", "--from", str(source), "--no-known-values")
    begun = time.monotonic()
    run("export", "--html", "--full", "--all", str(work / "site"))
    print(f"        exported in {time.monotonic() - begun:.1f} s")
    pages = {}
    for path in (work / "site").rglob("2*.html"):
        for name, part in [("hostile", "_0badc0de"), ("everyday", "_5afe0000"), ("long", "_10000000")]:
            if part in path.name:
                pages[name] = path
    return work / "site", pages


def nothing_ran(browser, where, is_site=False):
    """Checks that of the page's content nothing ran, nothing was asked for, and no element is of a sort that could."""
    seen = browser.run("""
        const bad = [];
        for (const element of document.querySelectorAll("*")) {
            for (const {name, value} of element.attributes) {
                if (name.startsWith("on") || name === "srcdoc" || name === "style") bad.push(element.localName + " " + name);
                if (name === "href" && !/^(https?:|mailto:|#|data:,$|[^:]*$)/.test(value)) bad.push("href " + value);
                if (name === "src" && !/^data:image\\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(value)) bad.push("src " + value);
            }
            if (["iframe", "object", "embed", "base", "math", "form"].includes(element.localName)
                && !["filter"].includes(element.id) && !element.closest("dialog")) bad.push(element.localName);
        }
        return {bad, ran: window.ran === undefined ? null : window.ran, scripts: document.scripts.length,
            styles: document.styleSheets.length, svg: document.querySelectorAll("main .m svg").length, title: document.title,
            hidden: /[\\u202a-\\u202e\\u2066-\\u2069\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]/.test(document.documentElement.textContent)};
    """)
    check(seen["ran"] is None, f"{where}: nothing ran", seen["ran"])
    check(not seen["bad"], f"{where}: no element could run or load anything", seen["bad"][:5])
    check(seen["scripts"] == 1 and seen["styles"] == 1 and seen["svg"] == 0, f"{where}: one script, one style", seen)
    check(not seen["hidden"], f"{where}: no character turns or hides text")


def quiet(browser, where):
    """Checks that the console has no errors and that nothing was asked for but the page."""
    entries = [entry["message"] for entry in browser.logged("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check(not entries, f"{where}: the console is quiet", entries[:3])
    asked = [url for url in browser.requests() if not url.startswith(("file:", "about:", "data:", "chrome:"))]
    check(not asked, f"{where}: no request leaves", asked[:3])


def try_hostile(browser, page, work):
    browser.open(page.as_uri())
    nothing_ran(browser, "hostile page")
    browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    browser.run("""for (const element of document.querySelectorAll("main *")) {
        for (const type of ["mouseover", "focus", "toggle", "click"]) {
            if (!(type === "click" && element.closest("a, summary"))) element.dispatchEvent(new Event(type));
        }
    }""")
    nothing_ran(browser, "hostile page, all unfolded and touched")
    # The way filters and searches build elements of their own.
    browser.type("f")
    browser.run("document.querySelector('#find').value = '<script>'; document.querySelector('#find').dispatchEvent(new Event('input'))")
    browser.wait("/of/.test(document.querySelector('#count').textContent)")
    nothing_ran(browser, "hostile page, filtered and searched")
    links = browser.run("return [...document.querySelectorAll('main a[href^=http]')].map((a) => [a.href, a.rel])")
    check(links and all(rel == "noopener noreferrer nofollow" for _, rel in links), "links out give nothing away", links[:2])
    check(len(browser.run("return [...document.querySelectorAll('.m img')].map((image) => image.src.slice(0, 15))")) == 1,
          "of pictures, only the one that is a picture is shown")
    quiet(browser, "hostile page")
    # The policy is a second wall: the first must hold without it.
    bare = work / "bare.html"
    text, count = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    assert count == 1
    bare.write_text(text, encoding="utf-8")
    browser.open(bare.as_uri())
    browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    time.sleep(0.5)
    nothing_ran(browser, "hostile page without its policy")
    quiet(browser, "hostile page without its policy")
    # And the policy must hold where the first does not.
    holed = work / "holed.html"
    holed.write_text(page.read_text(encoding="utf-8").replace(
        "<main>", "<main><script>window.ran=1</script><img src=x onerror=window.ran=2><img src=https://evil.example/x>"
        "<p style='color:red' onclick=window.ran=3>x</p><style>body{color:red}</style>", 1), encoding="utf-8")
    browser.open(holed.as_uri())
    time.sleep(0.5)
    check(browser.run("return window.ran === undefined"), "the policy stops what is in the page and not the program's")
    check(browser.run("return document.querySelector('#filter') && !document.querySelector('.bar').hidden"),
          "the policy lets the page's own script run")
    browser.requests()
    browser.logged("browser")


def try_everyday(browser, page):
    browser.size(1280, 900)
    browser.open(page.as_uri())
    visible = "const seen = (text) => [...document.querySelectorAll('.m')].find((m) => m.textContent.includes(text) && m.checkVisibility());"
    check(browser.run("return document.title") == "Fix the flaky parser test", "the title is the session's")
    check(browser.run("return getComputedStyle(document.querySelector('i.k')).color !== getComputedStyle(document.querySelector('pre')).color"),
          "code has colours")
    check(browser.run("return document.querySelectorAll('i.a').length > 0 && document.querySelectorAll('i.d').length > 0"),
          "an edit is a diff")
    check(browser.run("return document.querySelectorAll('aside nav li').length") >= 3, "prompts are listed at the side")
    check(browser.run("return document.querySelectorAll('.m details[open]').length") == 0, "tools and thoughts are folded")

    # Find.
    browser.type("/", *"needle-in-a-fold")
    browser.wait("document.querySelector('#count').textContent === '1 of 2'")
    check(browser.run("return document.querySelector('#count').textContent") == "1 of 2", "what is folded is found",
          browser.run("return document.querySelector('#count').textContent"))
    check(browser.run("return document.querySelector('.on').textContent.includes('needle-in-a-fold') && "
                      "document.querySelector('.on details').open"), "and unfolded")
    check(browser.run("return CSS.highlights.get('now').size === 1 && [...CSS.highlights.get('now')][0].toString().toLowerCase()") ==
          "needle-in-a-fold", "and marked")
    first = browser.run("return document.querySelector('.on').id")
    browser.type("Enter", "Enter", "Enter")
    browser.wait(f"document.querySelector('.on').id !== '{first}'", 5)
    check(browser.run("return document.querySelector('.on').id") != first, "Enter goes on to the next place")
    browser.type("Escape")
    check(browser.run("return document.querySelector('#count').textContent === '' && document.activeElement === document.body"),
          "Escape ends finding")

    # Filter.
    browser.type("f")
    check(browser.run("return !document.querySelector('#filter').hidden"), "f shows the filter")
    browser.click("[data-fact='kind tool_result']")
    check(browser.run("return [...document.querySelectorAll('.tool_result')].every((m) => !m.checkVisibility()) && "
                      "document.querySelector('.tool_call').checkVisibility()"), "a kind is filtered out")
    browser.click("[data-fact='role user']")
    check(browser.run("return [...document.querySelectorAll('.m.user')].every((m) => !m.checkVisibility())"), "a role is filtered out")
    browser.click("[data-fact='tool Bash']")
    check(browser.run("return [...document.querySelectorAll('[data-tool=Bash]')].every((m) => !m.checkVisibility()) && "
                      "document.querySelector('[data-tool=Edit]').checkVisibility()"), "a tool is filtered out")
    for fact in ("kind tool_result", "role user", "tool Bash"):
        browser.click(f"[data-fact='{fact}']")
    check(browser.run("return [...document.querySelectorAll('.m')].every((m) => m.checkVisibility())"), "and all comes back")
    browser.run("document.activeElement.blur()")
    browser.type("f")

    # Keys.
    browser.run("scrollTo(0, 0)")
    browser.open(page.as_uri())
    browser.type("j")
    one = browser.run("return document.querySelector('.on')?.id")
    browser.type("j", "j", "k")
    two = browser.run("return document.querySelector('.on')?.id")
    ids = browser.run("return [...document.querySelectorAll('.m')].map((m) => m.id)")
    check(one == ids[0] and two == ids[1], "j and k go from message to message", (one, two))
    browser.type("k", "o")
    check(browser.run("return document.querySelector('.on details').open"), "o unfolds")
    browser.type("?")
    check(browser.run("return document.querySelector('#help').open"), "? shows help")
    browser.type("Escape")
    check(browser.run("return !document.querySelector('#help').open"), "Escape closes it")

    # Permalinks.
    folded = browser.run("return [...document.querySelectorAll('.tool_result')].at(-1).id")
    for fragment in (folded, folded.removeprefix("m")):
        browser.open(page.as_uri() + "#" + fragment)
        check(browser.run("return document.querySelector('.on')?.id") == folded, f"#{fragment[:1]}… leads to its message")
        check(browser.run(f"const box = document.getElementById('{folded}').getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight"),
              "and it is in sight")
        check(browser.run(f"return document.getElementById('{folded}').firstElementChild.open"), "and unfolded")
    browser.open(page.as_uri() + "#m99999")
    quiet(browser, "everyday page")

    # Light and dark.
    colour = "return getComputedStyle(document.body).backgroundColor"
    browser.dark(False)
    light = browser.run(colour)
    browser.dark(True)
    dark = browser.run(colour)
    check(light != dark, "dark mode differs", (light, dark))
    browser.type("t")
    check(browser.run(colour) == light, "t turns it light")
    browser.type("t")
    check(browser.run(colour) == dark, "and dark")
    browser.dark(False)
    browser.run("localStorage.clear()")

    # A phone.
    browser.size(390, 844)
    browser.open(page.as_uri())
    check(browser.run("return document.documentElement.scrollWidth <= 390"), "nothing is wider than a phone",
          browser.run("return document.documentElement.scrollWidth"))
    check(browser.run("return !document.querySelector('aside').checkVisibility()"), "the side is put away")
    browser.click(".side")
    check(browser.run("return document.querySelector('aside').checkVisibility()"), "and comes when it is asked for")
    browser.click("aside nav a")
    check(browser.run("return !document.querySelector('aside').checkVisibility()"), "and goes when a prompt is chosen")
    browser.size(1280, 900)

    # Without scripts.
    browser.scripts(False)
    browser.open(page.as_uri())
    browser.scripts(True)
    check(browser.run(visible + "return seen('I\\'ll run it a few times') && !document.querySelector('.bar').checkVisibility()"),
          "it can be read without scripts")
    browser.command("Emulation.setEmulatedMedia", media="print")
    check(browser.run("return !document.querySelector('.bar').checkVisibility() && !document.querySelector('aside').checkVisibility()"),
          "what is for the screen alone is not printed")
    browser.command("Emulation.setEmulatedMedia", media="")


def try_long(browser, page):
    def within(begun, what):
        seconds = time.monotonic() - begun
        check(seconds < MOST_SECONDS, f"{what} ({seconds:.1f} s)", seconds)

    begun = time.monotonic()
    browser.open(page.as_uri())
    within(begun, f"{LONG_MESSAGES:,} messages open")
    check(browser.run("return document.querySelectorAll('.m').length") >= LONG_MESSAGES, "all messages are there")
    begun = time.monotonic()
    for part in (0.25, 0.5, 0.75, 1):
        browser.run("scrollTo(0, document.documentElement.scrollHeight * arguments[0]); return document.body.offsetHeight", part)
        browser.wait("document.elementFromPoint(700, 500)?.closest('.m')", 10)
        check(browser.run("return !!document.elementFromPoint(700, 500)?.closest('.m, main')"), f"scrolling to {part:.0%} shows something")
    within(begun, "it scrolls")
    begun = time.monotonic()
    browser.type("/")
    browser.run("const find = document.querySelector('#find'); find.value = 'haystack-END'; find.dispatchEvent(new Event('input'))")
    browser.wait("document.querySelector('#count').textContent === '1 of 1'", MOST_SECONDS)
    check(browser.run("return document.querySelector('#count').textContent") == "1 of 1", "the last message is found",
          browser.run("return document.querySelector('#count').textContent"))
    check(browser.run("const box = document.querySelector('.on').getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight"),
          "and in sight")
    within(begun, "it is found")
    begun = time.monotonic()
    middle = browser.run("const all = document.querySelectorAll('.m'); return all[all.length >> 1].id")
    browser.open(page.as_uri() + "#" + middle)
    check(browser.run("const box = document.querySelector('.on').getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight"),
          "a permalink into the middle is in sight")
    browser.type("j", "j", "j")
    within(begun, "a permalink and j")
    begun = time.monotonic()
    browser.type("f")
    browser.click("[data-fact='kind tool_result']")
    check(browser.run("return document.querySelectorAll('.m[hidden]').length") == LONG_MESSAGES // 4, "a kind is filtered out")
    within(begun, "it is filtered")
    quiet(browser, "long page")


def try_site(browser, site):
    browser.size(1280, 900)
    browser.open((site / "index.html").as_uri())
    nothing_ran(browser, "site", is_site=True)
    rows = "return [...document.querySelectorAll('#sessions tbody tr')].map((row) => row.cells[4].textContent)"
    check(len(browser.run(rows)) == 3, "each session is in the table", browser.run(rows))
    browser.click("#sessions th:nth-child(5) button")
    down = [int(count.replace(',', '')) for count in browser.run(rows)]
    browser.click("#sessions th:nth-child(5) button")
    up = [int(count.replace(',', '')) for count in browser.run(rows)]
    check(down == sorted(down, reverse=True) and up == sorted(up), "a click on a column sorts by it", (down, up))
    browser.type("/", *"flaky")
    browser.wait("document.querySelectorAll('#sessions tbody tr').length === 1", 5)
    check(browser.run("return document.querySelector('#sessions tbody').textContent.includes('flaky')"), "words filter it")
    browser.run("document.querySelector('#filter').reset()")
    browser.wait("document.querySelectorAll('#sessions tbody tr').length === 3", 5)
    browser.run("document.querySelector('[data-filter=project][data-value=parser]').click()")
    check(len(browser.run(rows)) == 1, "a project's bar filters it", browser.run(rows))
    browser.run("document.querySelector('#filter').reset()")
    browser.wait("document.querySelectorAll('#sessions tbody tr').length === 3", 5)
    browser.run("document.querySelector('[data-day]').dispatchEvent(new Event('click', {bubbles: true}))")
    check(browser.run("return document.querySelector('#since').value") != "", "a day of the calendar filters it")
    browser.run("document.querySelector('#filter').reset()")
    browser.wait("document.querySelectorAll('#sessions tbody tr').length === 3", 5)
    quiet(browser, "site")
    href = browser.run("return [...document.querySelectorAll('#sessions a')].find((a) => a.textContent.includes('flaky')).href")
    browser.open(href)
    check(browser.run("return document.title") == "Fix the flaky parser test", "a row leads to its page")
    browser.run("document.querySelector('.top a').click()")
    check(browser.wait("document.title === 'Sessions'", 5), "and the page back to the list")
    browser.size(390, 844)
    browser.open((site / "index.html").as_uri())
    check(browser.run("return document.documentElement.scrollWidth <= 390"), "the list is no wider than a phone",
          browser.run("return document.documentElement.scrollWidth"))
    browser.size(1280, 900)
    quiet(browser, "site again")


def try_long_site(browser, site, work):
    """Opens a list of 20,000 sessions, made of the rows that there are."""
    text = (site / "index.html").read_text(encoding="utf-8")
    start, end = text.index("<tbody>") + len("<tbody>"), text.index("</tbody>")
    rows = text[start:end]
    wide = work / "wide.html"
    count = 20_000 // rows.count("<tr>") * rows.count("<tr>")
    wide.write_text(text[:start] + rows * (count // rows.count("<tr>")) + text[end:], encoding="utf-8")
    begun = time.monotonic()
    browser.open(wide.as_uri())
    check(browser.run("return document.querySelector('#count').textContent") == f"{count} sessions", "20,000 sessions are counted")
    check(browser.run("return document.querySelectorAll('#sessions tbody tr').length") < 1000, "and laid out in slices")
    browser.click("#more")
    for column in (4, 5, 1):
        browser.click(f"#sessions th:nth-child({column}) button")
    browser.type("/", *"flaky")
    browser.wait(f"document.querySelector('#count').textContent === '{count // 3} of {count}'", MOST_SECONDS)
    check(browser.run("return document.querySelector('#count').textContent") == f"{count // 3} of {count}", "and filtered",
          browser.run("return document.querySelector('#count').textContent"))
    seconds = time.monotonic() - begun
    check(seconds < MOST_SECONDS, f"the long list opens, sorts and filters ({seconds:.1f} s)", seconds)
    quiet(browser, "long list")


def pictures(browser, site, pages, where):
    where.mkdir(parents=True, exist_ok=True)
    shots = [("everyday", pages["everyday"]), ("hostile", pages["hostile"]), ("long", pages["long"]), ("site", site / "index.html")]
    for width, height in [(1280, 900), (390, 844)]:
        browser.size(width, height)
        for is_dark in (False, True):
            browser.dark(is_dark)
            for name, page in shots:
                browser.open(page.as_uri())
                browser.picture(where / f"{name}-{width}-{'dark' if is_dark else 'light'}.png")
        browser.dark(False)
        browser.open(pages["everyday"].as_uri())
        browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true; document.querySelector('#show-filter').click()")
        browser.picture(where / f"unfolded-{width}.png")
        browser.run("document.querySelector('.tool_call[data-tool=Edit]').scrollIntoView()")
        browser.picture(where / f"diff-{width}.png")


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        site, pages = export(binary, work)
        assert len(pages) == 3, pages
        browser = Browser(work / "profile")
        try:
            browser.open("about:blank")
            browser.requests()
            for attempt, arguments in [(try_hostile, (pages["hostile"], work)), (try_everyday, (pages["everyday"],)),
                                       (try_site, (site,)), (try_long_site, (site, work)), (try_long, (pages["long"],))]:
                try:
                    attempt(browser, *arguments)
                except RuntimeError as error:
                    check(False, attempt.__name__, error)
            if len(sys.argv) > 2:
                pictures(browser, site, pages, pathlib.Path(sys.argv[2]))
        finally:
            browser.close()
    print(f"{len(faults)} faults" if faults else "all well")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
