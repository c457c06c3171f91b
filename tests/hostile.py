"""Texts that a careless bot would obey, be broken by, or drown in."""

TEXTS = {
    "ping": "@everyone @here <!channel> <!here> <@U123> <@&42> <#C1|x>",
    "markdown": "**bold** _it_ ~~no~~ `code` ```\nblock``` # head\n> quote [link](https://evil.example) ||spoiler||",
    "html": "<b>bold</b><script>alert(1)</script>&lt;&amp;",
    "escapes": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J\x08\x08 bell\x07 \r\nnew\x00line",
    "direction": "\u202eevil\u202c \u2066isolated\u2069 \u200fright\u061c",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade\U000e0041",
    "zalgo": "Z" + "\u0300\u0323\u0489" * 1_000 + "algo",
    "long word": "x" * 10_000,
    "long text": "many words " * 1_000,
    "surrogate": "\ud800 lone \udfff",
    "separators": "one\u2028two\u2029three\x85four\x0bfive\u3000six",
    "scripts": "世界模型 עולם مرحبا мир 🧑🏽‍🚀 ½ ﬁ ①",
    "tex": r"$\alpha^{2}$ \textbf{x} \input{/etc/passwd} $unclosed \frac{",
    "quotes": '“a” \'b\' "c" `d` \\" {"json": [1,',
    "format": "%s %(x)s {0} {name} $HOME $(id) `id`",
}
