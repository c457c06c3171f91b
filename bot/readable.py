"""The TeX in titles and abstracts as plain Unicode letters and symbols."""

import re
import unicodedata

from unicodeit.data import REPLACEMENTS, SUBSUPERSCRIPTS  # type: ignore[import-untyped]

from bot.marks import JOINERS, is_without_marks, without_mark_floods

_DEEPEST = 10  # levels of arguments within arguments
# What unicodeit lacks or shows with the wrong character.
_OWN_NAMES = (
    "i=ı j=ȷ o=ø O=Ø l=ł L=Ł LaTeX=LaTeX TeX=TeX cdot=· deg=° degree=° dots=… dotsc=… ldots=… eps=ε langle=⟨ "
    "rangle=⟩ lbrack=[ rbrack=] lvert=| rvert=| lVert=‖ rVert=‖ over=/ square=□ Box=□ star=⋆ textless=< textgreater=> "
    "textendash=– textemdash=— textasciitilde=~ textdegree=° textregistered=® texttrademark=™ textunderscore=_"
)
_OWN_SYMBOLS = {"quad": " ", "qquad": " "} | dict(pair.split("=") for pair in _OWN_NAMES.split())
# unicodeit's tables and not its `replace`, which makes `\"e` a Cyrillic letter and `50\%` a shaded block.
_SYMBOLS: dict[str, str] = {
    name[1:]: symbol
    for name, symbol in REPLACEMENTS
    if re.fullmatch(r"\\[A-Za-z]{2,}", name) and unicodedata.category(symbol[0])[0] not in "CMZ"
} | _OWN_SYMBOLS
_BLACKBOARD: dict[str, str] = {name[8:-1]: to for name, to in REPLACEMENTS if re.fullmatch(r"\\mathbb\{\w\}", name)}
# Some of its scripts are look-alikes from other alphabets; its superscript V is a Hangul letter.
_SCRIPTS: dict[str, str] = {
    script: to for script, to in SUBSUPERSCRIPTS if script not in ("^.", "^<", "^>", "_<", "_>", "^∫", "^*")
} | {"^V": "ⱽ", "^∘": "°", "^,": ",", "_,": ","}
_ACCENTS = {
    **{"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"},
    **{"c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323"},
}
_DECORATIONS = {
    **{"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307"},
    **{"ddot": "\u0308", "not": "\u0338", "acute": "\u0301", "grave": "\u0300", "check": "\u030c", "breve": "\u0306"},
}
_TEMPLATES = {"frac": "{}/{}", "binom": "({} choose {})", "pmod": " (mod {})", "sqrt": "√{}"}
_PLAIN_COMMAND = re.compile(
    r"(?P<text>emph|hbox|mbox|underline|text(?:bf|it|md|normal|rm|sc|sf|sl|tt|up)?)"
    r"|(?P<math>bm|bold|boldsymbol|operatorname|pmb|math(?:bb|bbm|bf|cal|frak|it|op|rm|scr|sf|tt))"
    r"|(?P<silent>[Bb]igg?[lr]?|allowbreak|boldmath|displaystyle|left|limits|right|bf|cal|em|frak|it|rm|sc|sf|sl|tt)"
    r"|(?P<word>arg|cos|det|dim|exp|gcd|inf|ker|lg|lim|ln|log|max|min|sin|sup|tan)"
)
_LETTERS = frozenset({"AA", "AE", "L", "O", "OE", "aa", "ae", "i", "j", "l", "o", "oe", "ss"})
# In plain text a command may be the author's own, so that unicodeit's rarer names do not count there.
_PLAIN_SYMBOLS = frozenset(_OWN_SYMBOLS).union(
    name for name, symbol in _SYMBOLS.items() if symbol.isalpha() or unicodedata.category(symbol[0]) == "Sm"
)

_ACCENT = re.compile(
    r"(?P<group>\{)?\\(?P<accent>['`^\"~=.]|[cvHukrd](?=[ {])) ?"
    r"(?P<brace>\{)?(?:\\(?=[ij](?![A-Za-z])))?(?P<letter>[^\W\d_])(?(brace)\})(?(group)\})"
)
_REPAIRS = (
    (re.compile(r"(?<=[A-Za-z])\\-(?=[A-Za-z])"), ""),  # where TeX may hyphenate
    (re.compile(r"(?<![\\A-Za-z])(?=(?:text(?:bf|it|sc|tt)|mathcal)\{)"), r"\\"),  # Hugging Face drops backslashes
    (re.compile(r"(?<=[\^_]\{)(?=(?:alpha|beta|circ|gamma|theta)\})"), r"\\"),
    (re.compile(r"\\(?:(b)\{(eta)|(r)\{(ho)|(k)\{(appa)|(c)\{(hi))\}"), r"\\\1\2\3\4\5\6\7\8{}"),  # arXiv's \beta
    (re.compile(r"~(?=\\[A-Za-z])"), " "),
    (re.compile(r"\\(?:href|textcolor) ?\{[^{}]*\} ?(?=\{)"), r"\\text"),
    (re.compile(r"\\(?:href|url) ?\{([^{}]*)(?:\}|\{[^{}]*\})"), r"\1"),
    (re.compile(r"\\textsuperscript ?(?=\{)"), "^"),
    (re.compile(r"\\textsubscript ?(?=\{)"), "_"),
    (re.compile(r"\\(?:(?:d|t|c|nice)(?=frac\b)|wide(?=(?:hat|tilde)\b))"), r"\\"),
    (re.compile(r"``([^`]+?)''"), r"“\1”"),
    (re.compile(r"(?<![\w`])`(?=\w)([^`']+)'(?!\w)"), r"‘\1’"),
)
_TEX = re.compile(r"[\\$^`{]")  # without one of these nothing is changed
_PIECE = re.compile(r"[^\\{}$^_~&']+|\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_SINGLE = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_WINDOWS_PATH = re.compile(r"(?<=\b[A-Z]:)\\\S*")
_FORMULA = re.compile(
    r"\$\$((?:[^$\\]|\\.)++)\$\$|\$(?P<inline>(?:[^$\\]|\\.){1,500}+)\$(?=(?P<digit>\d?))"
    r"|\\\(((?:[^\\]|\\[^()])++)\\\)|\\\[((?:[^\\]|\\[^\[\]])++)\\\]"
)
_TWO_WORDS = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
_AMOUNT = re.compile(r"\d[\d.,/–-]*[A-Za-z+]* [^\\^_{]*[A-Za-z]{2}")
_SIMPLE = re.compile(r"[\w.′]*")


def readable(text: str) -> str:
    r"""The text with its mathematics and TeX in plain Unicode: `$L_2$` as L₂, `\textit{x}` as x.

    Takes any text, never raises, and never makes visible text empty. Only formulas, known commands, `X^{2}` and
    TeX's quotes are changed, not amounts of money, paths or `V^3`. White space is collapsed; control characters,
    invisible formatting (besides joiners) and surrogates are removed; the result is in NFC.
    """
    cleaned = _cleaned(text)
    if not _TEX.search(cleaned):
        return cleaned
    source = _ACCENT.sub(_accented, re.sub(r"(?<=\w)\\'(?=(?:s|t|re|ve|ll)\b)", "'", cleaned))
    for pattern, replacement in _REPAIRS:
        source = pattern.sub(replacement, source)
    return _cleaned(_Reader(source).read(is_math=False)) or cleaned


def _cleaned(text: str) -> str:
    collapsed = " ".join(text.split())
    if collapsed.isprintable() and is_without_marks(collapsed):
        return collapsed
    kept = (char for char in collapsed if char in JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    # The floods must go first: normalising takes quadratic time in the length of a run of marks.
    return unicodedata.normalize("NFC", without_mark_floods(" ".join("".join(kept).split())))


def _accented(match: re.Match[str]) -> str:
    letter = unicodedata.normalize("NFC", match["letter"] + _ACCENTS[match["accent"]])
    # Outside braces it may be an escaped quote or full stop, as in `\"hello\"` and `\.py`.
    return letter if match["group"] or match["brace"] or (len(letter) == 1 and letter < "\u0250") else match[0]


def _is_formula(body: str, *, is_before_digit: bool) -> bool:
    """Whether what lies between two dollars is mathematics, and not the text between two amounts of money."""
    if _AMOUNT.match(body):
        return False
    if re.search(r"\\[A-Za-z]", body):
        return True
    if any(sign in body for sign in "^_{"):
        return body.startswith(" ") == body.endswith(" ")
    return body == body.strip() and not (is_before_digit or _TWO_WORDS.search(body))


def _script(sign: str, text: str) -> str:
    """Superscript (`^`) or subscript (`_`) characters where Unicode has them all, else the sign and the text."""
    text = text.strip()
    is_word = re.fullmatch(r"[^\W\d_]{4,}", text)
    if not is_word and all(sign + char in _SCRIPTS for char in text):
        return "".join(_SCRIPTS[sign + char] for char in text)
    is_sign = sign == "^" and not any(char.isalnum() or char == "∞" for char in text)
    return text if is_sign else sign + _enclosed(text)


def _enclosed(text: str) -> str:
    is_simple = _SIMPLE.fullmatch(text) and unicodedata.normalize("NFKC", text) == text
    return text if is_simple or len(text) == 1 else f"({text})"


def _is_known_in_text(name: str) -> bool:
    return name in _PLAIN_SYMBOLS or name in _DECORATIONS or name in _TEMPLATES or bool(_PLAIN_COMMAND.fullmatch(name))


class _Reader:
    """Reads TeX once, from left to right. Of an unknown command, text keeps all and a formula the name."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = self._depth = 0

    def read(self, *, is_math: bool, is_argument: bool = False) -> str:
        """What is shown for the rest of the source, or of the argument whose opening brace was just read."""
        parts: list[str] = []
        closings: list[str] = []
        while piece := self._next():
            if piece == "{":
                closings.append("" if is_math or self._is_before_known_command() else "}")
                parts.append("{" if closings[-1] else "")
            elif piece == "}" and closings:
                parts.append(closings.pop())
            elif piece == "}" and is_argument:
                break
            else:
                parts.append(self._shown(piece, is_math=is_math))
        return "".join(parts)

    def _next(self, kind: re.Pattern[str] = _PIECE) -> str:
        piece = kind.match(self._source, self._at)
        self._at = piece.end() if piece else self._at
        return piece[0] if piece else ""

    def _skip(self, text: str) -> None:
        self._at += len(text) if self._source.startswith(text, self._at) else 0

    def _is_before_known_command(self) -> bool:
        piece = _PIECE.match(self._source, self._at)
        return piece is not None and piece[0][0] == "\\" and _is_known_in_text(piece[0][1:])

    def _shown(self, piece: str, *, is_math: bool) -> str:
        start = self._at - len(piece)
        if piece[0] == "\\" and len(piece) > 1:
            return self._command(piece[1:], start, is_math=is_math)
        if piece == "$":
            return self._formula(start) or piece
        # `X^{2}` is TeX anywhere, `V^3` only in a formula.
        is_braced = self._source.startswith("{", self._at) and self._source[start - 1 : start].strip()
        if piece in "^_" and (is_math or is_braced):
            return _script(piece, self._argument(is_math=True))
        if piece == "~" and (is_math or self._depth):
            return " "
        return {"'": "′", "&": " ", "}": "", "\\": ""}.get(piece, piece) if is_math else piece

    def _formula(self, start: int) -> str:
        """The formula at `start`, or nothing where a dollar is only a dollar."""
        match = _FORMULA.match(self._source, start)
        if not match or (match["inline"] and not _is_formula(match["inline"], is_before_digit=bool(match["digit"]))):
            return ""
        self._at = match.end()
        return _Reader(next(filter(None, match.groups()))).read(is_math=True).strip()

    def _argument(self, *, is_math: bool) -> str:
        """The next group, command or character; nothing where there is none or the nesting is absurdly deep."""
        self._skip(" ")
        if self._depth == _DEEPEST or self._source[self._at : self._at + 1] in ("", "}"):
            return ""
        self._depth += 1
        piece = self._next(_SINGLE)
        shown = self.read(is_math=is_math, is_argument=True) if piece == "{" else self._shown(piece, is_math=is_math)
        self._depth -= 1
        return shown

    def _command(self, name: str, start: int, *, is_math: bool) -> str:
        if not is_math and (path := _WINDOWS_PATH.match(self._source, start)):
            self._at = path.end()
            return path[0]
        if not name[0].isalpha():
            return self._escape(name, start, is_math=is_math)
        if not is_math and not _is_known_in_text(name):
            return "\\" + name
        name = name.rstrip("*")
        is_symbol = name in _SYMBOLS and name not in _TEMPLATES
        return self._symbol(name, start, is_math=is_math) if is_symbol else self._with_arguments(name, start)

    def _escape(self, char: str, start: int, *, is_math: bool) -> str:
        if char in "%&$#_{}":
            return char
        if char in "([" and not is_math:
            return self._formula(start) or "\\" + char
        if char in ", " or (char == "\\" and self._source.startswith(" ", self._at)):
            return " "
        return {"|": "‖", "!": "", "/": "", ";": " ", ":": " "}.get(char, char) if is_math else "\\" + char

    def _symbol(self, name: str, start: int, *, is_math: bool) -> str:
        self._skip("{}")
        # A space after a letter or in `B\to K` only ends the name; in `B \to K` and in text it is meant.
        is_meant = not is_math or self._source[start - 1 : start] == " "
        if name in _LETTERS or not (is_meant or self._source[self._at + 1 : self._at + 2] in "\\+-=<>|"):
            self._skip(" ")
        return _SYMBOLS[name]

    def _with_arguments(self, name: str, start: int) -> str:
        kind = (command := _PLAIN_COMMAND.fullmatch(name)) and command.lastgroup
        if kind == "silent":
            self._skip("." if name in ("left", "right") else " ")
            return ""
        if template := _TEMPLATES.get(name):
            return template.format(*(_enclosed(self._argument(is_math=True)) for _ in range(template.count("{}"))))
        if name in _DECORATIONS or kind in ("text", "math"):
            shown = self._argument(is_math=kind != "text")
            shown = "".join(_BLACKBOARD.get(char, char) for char in shown) if name.startswith("mathbb") else shown
            return shown + _DECORATIONS.get(name, "") if len(shown) == 1 else shown
        # Spaces keep the word of `n\log\lambda` apart, as TeX does.
        before = " " if re.match(r"[\w}]", self._source[start - 1 : start]) else ""
        return before + name + (" " if self._source.startswith(("\\", "{"), self._at) else "")
