"""Steers a headless Chromium through chromedriver, in the words of the W3C's WebDriver. Python's standard library alone.

Knows browsers; knows nothing of pages of ours.
"""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Shift": "\ue008"}


class Browser:
    """A browser window. Leave it with `close`."""

    def __init__(self, profile):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        driver = shutil.which("chromedriver") or "/usr/lib/chromium/chromedriver"
        self.process = subprocess.Popen(
            [driver, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = None
        options = {
            "binary": shutil.which("chromium") or shutil.which("chromium-browser"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--no-first-run", "--disable-background-networking", f"--user-data-dir={profile}"],
        }
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        for attempt in range(100):
            try:
                answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
                self.session = answer["sessionId"]
                break
            except (urllib.error.URLError, ConnectionError):
                if attempt == 99:
                    raise
                time.sleep(0.1)

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", f"/session/{self.session}")
        finally:
            self.process.terminate()
            self.process.wait()

    def ask(self, method, path, body=None):
        data = None if body is None and method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"].splitlines()[0]) from error

    def post(self, path, **body):
        return self.ask("POST", f"/session/{self.session}{path}", body)

    def open(self, url):
        # A page with another fragment is the same page, and would not be loaded again.
        self.post("/url", url="about:blank")
        self.post("/url", url=url)

    def run(self, script, *arguments):
        """Runs the body of a function; returns what it returns."""
        return self.post("/execute/sync", script=script, args=list(arguments))

    def wait(self, condition, seconds=60):
        """Waits until an expression is true; returns its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.run("return " + condition)
            if value or time.monotonic() > end:
                return value
            time.sleep(0.05)

    def type(self, *keys):
        """Presses keys one after the other, in whatever has the focus; ("Shift", "Enter") together."""
        actions = []
        for key in keys:
            pressed = [KEYS.get(one, one) for one in (key if isinstance(key, tuple) else (key,))]
            actions += [{"type": "keyDown", "value": one} for one in pressed]
            actions += [{"type": "keyUp", "value": one} for one in reversed(pressed)]
        self.post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def click(self, selector):
        found = self.post("/element", using="css selector", value=selector)
        self.post(f"/element/{found[ELEMENT]}/click")

    def command(self, name, **parameters):
        """Sends a command of Chromium's own protocol."""
        return self.post("/goog/cdp/execute", cmd=name, params=parameters)

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)

    def dark(self, is_dark):
        scheme = "dark" if is_dark else "light"
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def scripts(self, are_on):
        self.command("Emulation.setScriptExecutionDisabled", value=not are_on)

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("GET", f"/session/{self.session}/screenshot")))

    def logged(self, kind):
        """Returns what was logged since the last time: `browser` is the console, `performance` the network."""
        return self.post("/se/log", type=kind)

    def requests(self):
        """Returns the addresses that were asked for since the last time."""
        urls = []
        for entry in self.logged("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return urls
