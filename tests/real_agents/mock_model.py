#!/usr/bin/env python3
"""A model on loopback that real agents can be pointed at: it needs no account and thinks nothing.

    SECRET=... mock_model.py PORT_FILE [LOG_FILE]

It listens on a free port of 127.0.0.1 and writes the port's number to PORT_FILE when it does. It speaks Anthropic
Messages, OpenAI Responses, OpenAI chat completions and Gemini's generateContent, streaming and not. Where the caller
offers a shell tool, the first call of each turn is answered with a tool call that echoes $SECRET, the next with a
text. With $TELL_IN_TEXT set, a caller without any tools gets the command as a fenced block of a text instead: some
agents run those. While there is a file $HOLD_FILE, nobody is answered. LOG_FILE gets a line for each request, and at
$LOG_BODIES its body.
"""
import json
import os
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

SECRET = os.environ["SECRET"]
COMMAND = f"echo token={SECRET}"
CLOSING = "All is done: the token was printed."
MODEL = "mock-model"
LOG_LOCK = threading.Lock()

# What agents call the tool that runs a command, the likeliest first.
SHELL_TOOLS = (
    "bash", "shell", "exec_command", "shell_command", "run_shell_command", "execute_command", "run_commands",
    "run_command", "terminal", "exec", "execute", "local_shell", "run_terminal_command", "process",
)
# What they call the tool that ends a turn, where they insist on one.
ENDING_TOOLS = ("complete", "attempt_completion")
# What they call the shell tool's argument.
COMMAND_MEMBERS = ("command", "cmd", "commands", "script", "code", "input")


def first_of(names, tools):
    """Takes (name, schema of its arguments) of each tool; gives the pair of the first that is there, or None."""
    named = {name.lower(): (name, schema) for name, schema in tools if name}
    return next((named[name] for name in names if name in named), None)


def kinds(schema):
    """Gives the JSON types that a value of this schema may have, in small letters (Gemini writes them in capitals)."""
    found = schema.get("type", [])
    found = list(found) if isinstance(found, list) else [found]
    for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
        found += kinds(choice)
    return [kind.lower() for kind in found]


def filler(schema, name):
    """Gives a harmless value for an argument that must be there."""
    if schema.get("enum"):
        return schema["enum"][0]
    allowed = kinds(schema)
    if "string" in allowed or not allowed:
        return "print the token" if "desc" in name or "reason" in name else ""
    if "boolean" in allowed:
        return False
    if "number" in allowed or "integer" in allowed:
        return 30
    return [] if "array" in allowed else {}


def arguments_of(schema):
    """Gives the arguments with which a tool of this schema runs COMMAND."""
    properties = (schema or {}).get("properties") or {}
    member = next((name for name in COMMAND_MEMBERS if name in properties), "command")
    arguments = {}
    for name in (schema or {}).get("required") or []:
        arguments[name] = filler(properties.get(name, {}), name)
    described = properties.get(member, {})
    allowed = kinds(described)
    if "array" in allowed and "string" not in allowed:
        is_argv = member == "command"
        arguments[member] = ["bash", "-c", COMMAND] if is_argv else [COMMAND]
    else:
        arguments[member] = COMMAND
    return arguments


def is_answered(messages, is_result):
    """Says whether what came since the model's last word is what a tool, or a command told in a text, put out.

    Some agents put words of their own behind it, so that it is not always the last message.
    """
    for message in reversed(messages):
        if is_result(message) or message.get("role") in ("user", "system", "tool") and SECRET in json.dumps(message):
            return True
        if message.get("role") in ("assistant", "model") or message.get("type") == "function_call":
            return False
    return False


def reply(tools, messages, is_result):
    """Gives (text, None) or (None, (name, arguments)): what the model says next."""
    answered = is_answered(messages, is_result)
    tool = first_of(SHELL_TOOLS, tools)
    if tool and not answered:
        return None, (tool[0], arguments_of(tool[1]))
    ending = first_of(ENDING_TOOLS, tools)
    if ending and answered:
        schema = ending[1] or {}
        described = schema.get("properties") or {}
        return None, (ending[0], {name: filler(described.get(name, {}), name) for name in schema.get("required") or []})
    if not tools and not answered and os.environ.get("TELL_IN_TEXT"):
        return f"I print the token.\n\n```shell\n{COMMAND}\n```\n", None
    return CLOSING, None


def fresh(prefix):
    return prefix + uuid.uuid4().hex[:24]


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, body, kind="application/json", status=200):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_json(self, value, status=200):
        self.send(json.dumps(value).encode(), status=status)

    def send_events(self, events, end=None):
        """Takes (event's name or None, value) pairs."""
        pieces = [(f"event: {name}\n" if name else "") + f"data: {json.dumps(value)}\n\n" for name, value in events]
        if end:
            pieces.append(f"data: {end}\n\n")
        self.send("".join(pieces).encode(), kind="text/event-stream")

    def do_HEAD(self):
        self.send(b"")

    def do_GET(self):
        self.note({})
        model = {
            "id": MODEL, "object": "model", "created": 1, "owned_by": "mock", "name": f"models/{MODEL}",
            "display_name": MODEL, "type": "model", "context_length": 200000,
        }
        self.send_json({"object": "list", "data": [model], "models": [model], "has_more": False})

    def do_POST(self):
        raw = self.body()
        try:
            asked = json.loads(raw)
        except ValueError:
            asked = {}
        self.note(asked)
        while os.path.exists(os.environ.get("HOLD_FILE") or ""):
            time.sleep(0.05)
        path = urlparse(self.path).path
        if path.endswith("/count_tokens"):
            self.send_json({"input_tokens": 10})
        elif path.endswith(":countTokens"):
            self.send_json({"totalTokens": 10})
        elif path.endswith("/messages"):
            self.answer_anthropic(asked)
        elif path.endswith("/responses"):
            self.answer_responses(asked)
        elif path.endswith("/completions"):
            self.answer_completions(asked)
        elif "enerateContent" in path:
            self.answer_gemini(asked, path)
        else:
            self.send_json({"error": {"message": "no such path", "type": "not_found"}}, status=404)

    def body(self):
        if "chunked" in (self.headers.get("transfer-encoding") or "").lower():
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def note(self, asked):
        if len(sys.argv) < 3:
            return
        with LOG_LOCK, open(sys.argv[2], "a") as log:
            log.write(f"{self.command} {self.path}\n")
            if os.environ.get("LOG_BODIES"):
                log.write(json.dumps(asked) + "\n")

    def answer_anthropic(self, asked):
        tools = [(tool.get("name"), tool.get("input_schema")) for tool in asked.get("tools") or []]

        def is_result(message):
            content = message.get("content")
            return isinstance(content, list) and any(block.get("type") == "tool_result" for block in content)

        text, call = reply(tools, asked.get("messages") or [], is_result)
        if call:
            block = {"type": "tool_use", "id": fresh("toolu_"), "name": call[0], "input": call[1]}
        else:
            block = {"type": "text", "text": text}
        stop = "tool_use" if call else "end_turn"
        message = {
            "id": fresh("msg_"), "type": "message", "role": "assistant", "model": asked.get("model", MODEL),
            "content": [block], "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }
        if not asked.get("stream"):
            return self.send_json(message)
        if call:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
        else:
            start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": text}
        values = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None},
             "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]
        self.send_events((value["type"], value) for value in values)

    def answer_responses(self, asked):
        tools = [(tool.get("name") or tool.get("type"), tool.get("parameters")) for tool in asked.get("tools") or []]
        given = asked.get("input") or []
        items = given if isinstance(given, list) else [{"role": "user", "content": given}]
        text, call = reply(tools, items, lambda item: str(item.get("type")).endswith("_output"))
        if call:
            item = {
                "type": "function_call", "id": fresh("fc_"), "call_id": fresh("call_"), "name": call[0],
                "arguments": json.dumps(call[1]), "status": "completed",
            }
        else:
            content = {"type": "output_text", "text": text, "annotations": []}
            item = {"type": "message", "id": fresh("msg_"), "role": "assistant", "status": "completed",
                    "content": [content]}
        usage = {
            "input_tokens": 10, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 15,
        }
        done = {
            "id": fresh("resp_"), "object": "response", "created_at": int(time.time()), "status": "completed",
            "model": asked.get("model", MODEL), "output": [item], "usage": usage,
        }
        if not asked.get("stream"):
            return self.send_json(done)
        begun = {**done, "status": "in_progress", "output": [], "usage": None}
        place = {"output_index": 0, "item_id": item["id"]}
        if call:
            empty = {**item, "arguments": "", "status": "in_progress"}
            middle = [
                {"type": "response.function_call_arguments.delta", **place, "delta": item["arguments"]},
                {"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"]},
            ]
        else:
            empty = {**item, "content": [], "status": "in_progress"}
            place["content_index"] = 0
            middle = [
                {"type": "response.content_part.added", **place, "part": {**item["content"][0], "text": ""}},
                {"type": "response.output_text.delta", **place, "delta": text},
                {"type": "response.output_text.done", **place, "text": text},
                {"type": "response.content_part.done", **place, "part": item["content"][0]},
            ]
        values = [
            {"type": "response.created", "response": begun},
            {"type": "response.in_progress", "response": begun},
            {"type": "response.output_item.added", "output_index": 0, "item": empty},
            *middle,
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": done},
        ]
        numbered = ({**value, "sequence_number": number} for number, value in enumerate(values))
        self.send_events((value["type"], value) for value in numbered)

    def answer_completions(self, asked):
        functions = [tool.get("function") or {} for tool in asked.get("tools") or []]
        tools = [(function.get("name"), function.get("parameters")) for function in functions]
        text, call = reply(tools, asked.get("messages") or [], lambda message: message.get("role") == "tool")
        message = {"role": "assistant", "content": text}
        if call:
            function = {"name": call[0], "arguments": json.dumps(call[1])}
            message["tool_calls"] = [{"index": 0, "id": fresh("call_"), "type": "function", "function": function}]
        finish = "tool_calls" if call else "stop"
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        common = {"id": fresh("chatcmpl-"), "created": int(time.time()), "model": asked.get("model", MODEL)}
        if not asked.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": finish}
            return self.send_json({**common, "object": "chat.completion", "choices": [choice], "usage": usage})
        common["object"] = "chat.completion.chunk"
        self.send_events([
            (None, {**common, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}),
            (None, {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}),
            (None, {**common, "choices": [], "usage": usage}),
        ], end="[DONE]")

    def answer_gemini(self, asked, path):
        tools = []
        for group in asked.get("tools") or []:
            for function in group.get("functionDeclarations") or []:
                schema = function.get("parametersJsonSchema") or function.get("parameters")
                tools.append((function.get("name"), schema))
        # Some helpers of Gemini's ask for a document of a given schema, and ask again for ever if they get none.
        shape = asked.get("generationConfig", {}).get("responseJsonSchema")

        def is_result(content):
            return any("functionResponse" in part for part in content.get("parts") or [])

        text, call = reply(tools, asked.get("contents") or [], is_result)
        if shape:
            properties = shape.get("properties") or {}
            text, call = json.dumps({name: filler(value, name) for name, value in properties.items()}), None
        part = {"functionCall": {"name": call[0], "args": call[1]}} if call else {"text": text}
        answer = {
            "candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
            "modelVersion": path.split("/")[-1].split(":")[0], "responseId": fresh(""),
        }
        if "stream" not in path:
            return self.send_json(answer)
        if parse_qs(urlparse(self.path).query).get("alt") == ["sse"]:
            return self.send_events([(None, answer)])
        self.send_json([answer])


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    # Whole at once: who waits for the file must not read half of a number.
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.server_address[1]))
    os.replace(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
