"""HTML of the inspector: what was searched, ranked and weighed for an answer; where an expected passage was lost."""

from __future__ import annotations

from collections.abc import Mapping

from rag.evidence import EVIDENCE_WEIGHTS
from rag.expectation import ExpectedTrace, Stage
from rag.explaining import Explanation
from rag.types import Evidence, Passage
from ui.render import joined, safe, shortened
from ui.scope import scope_text

__all__ = ["explanation_view"]

_SCORES = {
    "dense": "Meaning of the passage (cosine of embeddings)",
    "lexical": "Words in common, weighted by rarity (BM25)",
    "late": "Best match of each word of the question (late interaction)",
    "late_sentence": "The same within the best sentence",
    "fused": "Reciprocal rank fusion of both searches, for information",
}
_FUSED_MOST = 2 / 61  # first in both searches
_FEATURES = {
    "late": "words matched",
    "late_near": "words matched nearby",
    "asked": "what is asked for",
    "coverage": "rare words in it",
    "coverage_near": "rare words nearby",
    "type": "kind of answer",
    "passage": "passage",
    "dense": "passage's meaning",
}
_FACTORS = {
    "match": "Best match of the question in a passage",
    "length": "Length of the question",
    "sentence_cosine": "Meaning of the best sentence",
    "constraints": "All demands met by the best sentence",
    "years": "Years asked about",
    "reason": "Gives a reason where one is asked for",
    "share": "Lead of the first three sentences",
    "intercept": "Starting point",
}
_N_EVIDENCE = 20
_N_FEATURES = 3
_PREVIEW = 200  # characters


def explanation_view(explanation: Explanation) -> str:
    """The whole explanation, the expected passage first."""
    parts = [
        _expected(explanation.expected) if explanation.expected else "",
        _section(
            "Why it answered" if not explanation.answer.abstained else "Why it did not answer", _decision(explanation)
        ),
        _section("What was searched", _searched(explanation)),
        _section("Ranked passages", _passages(explanation.passages)),
        _section("Sentences considered", _evidence(explanation)),
    ]
    return f'<div class="inspected">{"".join(parts)}</div>'


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _expected(trace: ExpectedTrace) -> str:
    mark = "good" if trace.in_answer else "bad"
    verdict = f'<p class="verdict {mark}" role="status">{safe(trace.verdict)}</p>'
    if trace.document is None:
        return _section("The passage you expected", verdict)
    source = joined(trace.document.display_title, trace.document.publisher, trace.document.date)
    steps = "".join(_stage(stage) for stage in trace.stages)
    scores = _score_list(trace.scores) if trace.scores else ""
    return _section(
        "The passage you expected",
        f'{verdict}<ol class="stages">{steps}</ol><blockquote>{safe(shortened(trace.text, 600))}'
        f"<footer>{safe(source)}</footer></blockquote>{scores}",
    )


def _stage(stage: Stage) -> str:
    if stage.rank is None:
        told = f"{stage.total} documents" if stage.name == "Filters" else "not among them"
    else:
        told = f"{stage.rank} of {stage.total}"
    sign, word = ("✓", "passed") if stage.passed else ("×", "not passed")
    return (
        f'<li class="{"good" if stage.passed else "bad"}"><span role="img" aria-label="{word}">{sign}</span> '
        f'<b>{stage.name}</b><span class="facts">{told}</span></li>'
    )


def _score_list(scores: Mapping[str, float]) -> str:
    items = "".join(f'<li title="{_SCORES[name]}">{name} {_bar(name, scores[name])}</li>' for name in _SCORES)
    return f'<ul class="scores">{items}</ul>'


def _decision(explanation: Explanation) -> str:
    answer, threshold = explanation.answer, explanation.threshold
    verb = "below" if answer.confidence < threshold else "at or above"
    said = "so there is no answer" if answer.abstained else "so the question was answered"
    meter = (
        f'<div class="threshold" aria-hidden="true"><span style="width:{answer.confidence:.1%}"></span>'
        f'<i style="left:{threshold:.1%}"></i></div>'
    )
    most = max((abs(factor.contribution) for factor in explanation.factors), default=1.0) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{_FACTORS.get(factor.name, safe(factor.name))}</th><td>'
        f"{'' if factor.name == 'intercept' else f'{factor.value:.2f}'}</td><td>"
        f'<span class="push {"for" if factor.contribution >= 0 else "against"}">'
        f'<i style="width:{abs(factor.contribution) / most:.0%}"></i></span></td>'
        f"<td>{factor.contribution:+.2f}</td></tr>"
        for factor in explanation.factors
    )
    unknown = (
        "<p>The question names a numbered product that no document mentions: that alone cuts the confidence.</p>"
        if explanation.names_unknown
        else ""
    )
    table = (
        '<details><summary>What the confidence rests on</summary><table class="ranked factors"><thead><tr>'
        '<th scope="col">Feature</th><th scope="col">Value</th><th scope="col">For or against</th>'
        f'<th scope="col">Log-odds</th></tr></thead><tbody>{rows}</tbody></table></details>'
    )
    return (
        f"<p>The confidence is <b>{answer.confidence:.0%}</b>, {verb} the threshold of <b>{threshold:.0%}</b>, {said}"
        f"{f' ({safe(answer.abstain_reason)})' if answer.abstain_reason else ''}.</p>{meter}{unknown}"
        f"<p>{safe(shortened(answer.answer, 600))}</p>{table if rows else ''}"
    )


def _searched(explanation: Explanation) -> str:
    asked = " ".join(explanation.answer.question.split())
    facts = [("Asked", asked)]
    if explanation.searched != asked:
        facts.append(("Searched, spelling corrected", explanation.searched))
    facts += [(f"Part {number}", part) for number, part in enumerate(explanation.parts, start=1)]
    facts.append(("Filters", scope_text(explanation.where) or "none"))
    facts.append(("Documents searched", str(explanation.n_documents)))
    facts.append(("Candidates", f"{explanation.n_candidates} passages, {len(explanation.passages)} kept"))
    return f'<dl class="facts-list">{"".join(f"<dt>{name}</dt><dd>{safe(value)}</dd>" for name, value in facts)}</dl>'


def _passages(passages: tuple[Passage, ...]) -> str:
    if not passages:
        return '<p class="nothing">Nothing was found.</p>'
    heads = "".join(f'<th scope="col" title="{told}">{name}</th>' for name, told in _SCORES.items())
    rows = "".join(_passage(passage) for passage in passages)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Ranked passages"><table class="ranked"><thead><tr>'
        f'<th scope="col">#</th><th scope="col">Passage</th><th scope="col">final</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _passage(passage: Passage) -> str:
    document = passage.document
    scores = "".join(f"<td>{_bar(name, passage.scores[name])}</td>" for name in _SCORES)
    return (
        f'<tr><td>{passage.rank}</td><td class="what"><details><summary>{safe(document.display_title)}'
        f'<span class="facts">{safe(joined(passage.chunk.heading, document.publisher, document.date))}</span></summary>'
        f"<p>{safe(passage.chunk.text)}</p></details></td><td>{_bar('final', passage.score)}</td>{scores}</tr>"
    )


def _bar(name: str, value: float) -> str:
    share = value / (_FUSED_MOST if name == "fused" else 1.0)
    digits = 3 if name == "fused" else 2
    return (
        f'<span class="score {name}"><span class="value">{value:.{digits}f}</span><span class="bar" aria-hidden="true">'
        f'<i style="width:{min(1.0, max(0.0, share)):.0%}"></i></span></span>'
    )


def _evidence(explanation: Explanation) -> str:
    if not explanation.evidence:
        return '<p class="nothing">There was no sentence to consider.</p>'
    most = max(item.score for item in explanation.evidence) or 1.0
    quoted = {(one.doc_id, one.quote_start): one.n for one in explanation.answer.citations}
    rows = "".join(
        _sentence(item, rank, most, quoted) for rank, item in enumerate(explanation.evidence[:_N_EVIDENCE], 1)
    )
    more = len(explanation.evidence) - _N_EVIDENCE
    note = f'<p class="facts">and {more} more, which scored lower</p>' if more > 0 else ""
    return f'<ol class="evidence">{rows}</ol>{note}'


def _sentence(item: Evidence, rank: int, most: float, quoted: Mapping[tuple[str, int], int]) -> str:
    n = quoted.get((item.passage.chunk.doc_id, item.start))
    used = f'<span class="used">in the answer as [{n}]</span>' if n else ""
    weighed = {name: weight * item.features.get(name, 0.0) for name, weight in EVIDENCE_WEIGHTS.items()}
    first = sorted(weighed, key=lambda name: -weighed[name])[:_N_FEATURES]
    why = ", ".join(f"{_FEATURES.get(name, name)} {item.features.get(name, 0.0):.2f}" for name in first)
    document = item.passage.document
    return (
        f'<li><span class="rank">{rank}</span><div><p>{safe(shortened(item.text, 400))}</p>'
        f'<p class="facts">{safe(joined(document.display_title, document.publisher))}</p>'
        f'<p class="facts">{used} score {item.score:.2f}: {why}</p><span class="bar" aria-hidden="true">'
        f'<i style="width:{max(0.0, item.score / most):.0%}"></i></span></div></li>'
    )
