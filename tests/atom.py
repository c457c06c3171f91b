"""arXiv's API in small: feeds of our own making in both of its layouts, and the source that reads them."""

from collections.abc import Awaitable, Callable
from xml.sax.saxutils import escape

import httpx

from bot.sources.arxiv import Arxiv, polite
from tests.wire import Clock, Reply

API = "https://export.example/api/query"
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns="http://www.w3.org/2005/Atom">\n<id>https://arxiv.org/api/x</id><title>arXiv Query: all:x</title>'
    "<opensearch:totalResults>1</opensearch:totalResults>\n"
)
NEW = """  <entry>
    <id>http://arxiv.org/abs/2104.12255v2</id>
    <title>Zero &amp; One</title>
    <updated>2022-04-20T16:07:14Z</updated>
    <link href="https://arxiv.org/abs/2104.12255v2" rel="alternate" type="text/html"/>
    <summary>  What is the funniest number? 0.</summary>
    <category term="cs.CR" scheme="http://arxiv.org/schemas/atom"/>
    <category term="math.NT" scheme="http://arxiv.org/schemas/atom"/>
    <published>2021-04-20T16:07:14Z</published>
    <arxiv:comment>7 pages</arxiv:comment>
    <arxiv:primary_category term="math.NT"/>
    <arxiv:journal_ref>Numbers 1</arxiv:journal_ref>
    <author><name>Ada Lovelace</name><arxiv:affiliation>London</arxiv:affiliation></author>
    <author><name>Emmy Noether</name></author>
    <arxiv:doi>10.1000/1</arxiv:doi>
  </entry>
"""
OLD_ENTRY = """  <entry>
    <id>http://arxiv.org/abs/hep-th/9901001v3</id>
    <published>1999-01-02T23:59:59Z</published>
    <title>On the Strings that
  Are Pulled</title>
    <summary>  We pull
some.
</summary>
    <author>
      <name>Ada Lovelace</name>
      <arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">London</arxiv:affiliation>
    </author>
    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">7 pages</arxiv:comment>
    <link href="http://arxiv.org/abs/hep-th/9901001v3" rel="alternate" type="text/html"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="hep-th"
      scheme="http://arxiv.org/schemas/atom"/>
    <category term="hep-th" scheme="http://arxiv.org/schemas/atom"/>
    <category term="math.AG" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
"""
OLD = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query%3D" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list=hep-th/9901001</title>
  <id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">1</opensearch:totalResults>
{OLD_ENTRY}</feed>
""".encode()
ERROR = """  <entry>
    <id>https://arxiv.org/api/errors#incorrect_id_format_for_2104.12255</id>
    <title>Error</title>
    <summary>incorrect id format for 2104.12255</summary>
    <author><name>arXiv api core</name></author>
  </entry>
"""


def entry(id_: str = "2506.08007v1", title: str = "") -> str:
    """An entry with only an id, which may have a version, and a title."""
    shown = escape(title or f"The paper {id_}")
    return f"<entry><id>http://arxiv.org/abs/{id_}</id><title>{shown}</title></entry>"


def feed(*entries: str) -> bytes:
    """A feed of the entries in the newer layout."""
    return f"{_HEAD}{''.join(entries)}</feed>".encode()


def atom(*entries: str, status: int = 200) -> Reply:
    """An answer of the API."""
    return Reply(status, {"Content-Type": "application/atom+xml"}, feed(*entries))


def source(handler: Callable[[httpx.Request], Awaitable[httpx.Response]], clock: Clock | None = None) -> Arxiv:
    """The source under test with its own limits, asking the handler, waiting by the clock alone."""
    clock = clock or Clock()
    transport = httpx.MockTransport(handler)  # type: ignore[arg-type]  # async handlers are fine
    client = httpx.AsyncClient(transport=transport, trust_env=False)
    return Arxiv(client, API, polite(client, API, clock.now, clock.sleep))
