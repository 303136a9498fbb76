# ruff: noqa: RUF001 - letters of other alphabets are meant
"""What the comment at the top of a file says that the file is for: work on the project, or production.

Read are the comments before the first key of a compose file, those right above its `services:` and any sentence in it
that begins with "This stack is", and those before the first instruction of a Dockerfile, sentence by sentence. A
sentence counts only where it is about this file: none that names another one, that is about a stage, that is a command,
or that tells what to change ("for production, replace the password"). A word for production beats one for development;
"not for production" is one for development. What is left unclear says nothing.
"""

from __future__ import annotations

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.source import Source

# With one of these begins a word of each comment that says something, or it is a part of it where words are not set
# apart; most comments hold none, and cost no expressions.
_WORK_HINTS = (
    "dev", "local", "test", "hot", "learn", "tutorial", "desarrollo", "desenvolvimento", "entwick", "développement",
    "prueba", "sviluppo", "lokal", "geliştirme", "phát", "pengembangan", "локальн", "разработ", "розробк",
    "demo", "démo", "workshop", "hackathon", "teach", "education", "proof", "poc", "laptop", "locaux", "didát",
    "estudo", "ausprobieren", "didattic", "тест", "демо", "обуч", "учебн", "отлад", "eğitim", "yerel", "belajar", "uji",
    "środowisk", "celów",
)  # fmt: skip
_WORK_PARTS = (
    "开发", "開發", "開発", "学习", "学習", "本地", "ローカル", "로컬", "개발", "학습", "실습", "演示", "教学", "仅供",
    "测试用", "測試用", "デモ", "検証", "お試し", "練習", "ハンズオン", "데모", "시연", "테스트", "연습",
)  # fmt: skip
_PRODUCTION_HINTS = (
    "prod", "staging", "live", "deployed", "vps", "dokploy", "coolify", "üretim", "sản", "прод", "боев",
)  # fmt: skip
_PRODUCTION_PARTS = ("生产", "生產", "正式", "线上", "本番", "プロダクション", "운영", "프로덕션", "상용", "배포")
_SEPARATORS = str.maketrans(dict.fromkeys("()[]{}-/:,.\"'`*_=#<>", " "))
_THINGS = (
    r"(?:development|dev|environments?|env|stack|set-?up|use|usage|testing|tests?|runtime|machine|infrastructure|infra|"
    r"instance|overrides?|overlays?|services?|compose|configuration|config|orchestration|work|only|databases?|running|runs?|debugging)"
)
# What runs on one's own machine in place of somebody else's, for others as well: `local LLM service`.
_MODELS = r"(?:llms?|ai|models?|embeddings?|inference|whisper|ollama|tts|stt|speech)"
# Words by which people say that something is for their own machine, by language.
_DEVELOPMENT = {
    "en": rf"\blocal(?:ly)?[ -](?!{_MODELS}[ -])(?:\w+[ -])?{_THINGS}\b|\bdev(?:elopment)?[ -](?:\w+[ -])?{_THINGS}\b"
    r"|\bfor (?:(?:local|your|easy|quick|active|rapid|integration|unit|automated) )*"
    r"(?:development|dev|developers?|testing|tests|learning|tutorials?|teaching|education(?:al)?|prototyping)\b"
    r"(?! deploy)"
    r"|\bfor (?:(?:the|a|an|our|local|quick) )*"
    r"(?:demos?|demonstrations?|workshops?|hackathons?|proofs?[- ]of[- ]concept)\b(?! deploy)"
    r"|\bdemo (?:stack|set-?up|environment|env|compose|purposes?|use|only)\b|\bhackathon (?:stack|set-?up|demo)\b"
    r"|\b(?:proof[- ]of[- ]concept|poc) (?:stack|set-?up|environment|compose|only)\b"
    r"|\b(?:your|my|developers?'?s?|local) (?:own )?(?:laptop|workstation)s?\b"
    r"|\b(?:compose|stack|setup|environment|infrastructure|services?|configuration|dockerfile|image)(?: file)?"
    r"[ :()–—-]+(?:local|development|dev)\b|^\W*(?:local )?development\b\s*(?:$|[-–—:(])"
    r"|\brun(?:ning|s)? (?:\w+ ){0,3}local(?:ly)?\b|\bused (?:only )?(?:in|during) (?:local )?development\b"
    rf"|\bhot[- ]reload(?:ing)? (?:\w+ )?{_THINGS}\b",
    "es": r"\b(?:desarrollo|entorno|orquestaci[oó]n|ejecuci[oó]n|infraestructura|runtime|stack|servicios)"
    r" local(?:es)?\b"
    r"|\bentorno de (?:desarrollo|pruebas)\b|\b(?:para|ajustes de|compose de|stack de) (?:el )?desarrollo\b"
    r"|\b(?:demo|demostraci[oó]n|pruebas?|uso) (?:en )?local(?:es)?\b|\ben local\b"
    r"|\bpara (?:la |una |hacer )?(?:demos?|demostraci[oó]n|demostraciones|pruebas?)\b",
    "pt": r"\bdesenvolvimento local\b|\bambiente (?:de desenvolvimento|local|de dev)\b|\bpara (?:o )?desenvolvimento\b"
    r"|\b(?:uso|testes?|execu[cç][aã]o|demonstra[cç][aã]o) loca(?:l|is)\b"
    r"|\bpara (?:testes|demonstra[cç][aã]o|estudos?|fins (?:did[aá]ticos|de estudo))\b",
    "fr": r"\bd[ée]veloppement local\b|\benvironnement (?:de d[ée]veloppement|local|de dev)\b"
    r"|\bpour le d[ée]veloppement\b|\b(?:usage|tests?|d[ée]mo(?:nstration)?|ex[ée]cution) (?:en )?loca(?:l|le|ux)\b"
    r"|\ben local\b|\bpour (?:la |les |une )?(?:d[ée]mo(?:nstration)?|tests)\b",
    "de": r"\blokale\w* (?:entwicklung\w*|umgebung|stack|tests?|demo|nutzung|ausführung)\b|\bentwicklungsumgebung\b"
    r"|\b(?:für die|zur) entwicklung\b|\bzum (?:lokalen )?(?:testen|entwickeln|ausprobieren)\b"
    r"|\bfür (?:die )?(?:demos?|demozwecke|lokale)\b",
    "it": r"\bsviluppo locale\b|\bambiente (?:di sviluppo|locale)\b|\bper lo sviluppo\b"
    r"|\b(?:uso|test|esecuzione|demo) local[ei]\b|\bin locale\b|\bper (?:i test|demo|scopi didattici)\b",
    "pl": r"\bśrodowisk\w+ (?:deweloperski\w*|lokaln\w*)|\blokaln\w+ (?:środowisk|uruchom|rozw|test)\w*"
    r"|\bdo celów (?:deweloperskich|testowych|demonstracyjnych)\b",
    "ru": r"\bлокальн\w+ (?:разработк|сред|стенд|запуск|окружени)\w*|\bдля (?:локальн\w+ )?разработ\w+"
    r"|\b(?:сред|окружени)\w* (?:для )?разработки\b|\bлокальн\w+ розробк\w*|\bдля розробки\b"
    r"|\bдля (?:локальн\w+ |быстр\w+ )?(?:тестирован\w+|тестов|демо\w*|обучения|отладки)"
    r"|\bучебн\w+ (?:стенд|проект|окружен)",
    "tr": r"\b(?:yerel|lokal) (?:geliştirme|test|kullanım|ortam)|\bgeliştirme ortam\w+"
    r"|\b(?:demo|eğitim) (?:ortam|amaçlı)",
    "vi": r"\bmôi trường phát triển\b|\bphát triển cục bộ\b",
    "id": r"\bpengembangan lokal\b|\b(?:lingkungan|untuk) pengembangan\b"
    r"|\b(?:untuk|keperluan) (?:demo|belajar|uji coba)\b",
    "zh": r"开发(?:环境|用|测试|调试|模式)|本地(?:开发|环境|调试|测试)|用于(?:本地)?开发"
    r"|開發環境|本地開發|用於開發|学习用|演示(?:环境|用)|教学(?:用|演示)|仅供(?:学习|演示|测试)"
    r"|(?:测试|測試)用(?![户戶例])",
    "ja": r"ローカル(?:での)?(?:開発|環境|実行|用)|開発(?:環境|用|者)|学習用"
    r"|デモ(?:用|環境)|検証用|お試し用|練習用|ハンズオン用",
    "ko": r"로컬\s*(?:개발|환경|테스트|실행|스택|인프라)|개발\s*환경|개발용|학습용|실습용"
    r"|데모용|데모\s*환경|시연용|테스트용|연습용",
}
_PRODUCTION = (
    r"\bprod(?:uction|uktion\w*|uktiv\w*)?\b|\bproducci[oó]n\b|\bprodu[cç][aã]o\b|\bproduzione\b|\bstaging\b"
    r"|\blive (?:server|system|site|environment)\b|\bпродакш\w*|\bпрод(?:е|а|у)?\b|\bбоев\w+"
    r"|\bпродуктив\w*|\bпродуктов\w+"
    r"|生产|生產|正式环境|正式環境|线上|本番|プロダクション|운영\s*(?:환경|용|서버)|프로덕션|상용|배포\s*(?:용|환경)"
    r"|\bdokploy\b|\bcoolify\b|\bvps\b|\büretim\b|\bmôi trường sản xuất\b"
)
# "not for production", and its like in other languages
_NOT_PRODUCTION = (
    r"\b(?:not|never|don'?t|isn'?t) (?:be )?(?:(?:suitable|meant|intended|safe|secure|ready|recommended|designed|made|"
    r"suited|used?|deploy(?:ed)?|run|it|this|file|setup|as-is|as is) )*(?:for |in |on |to )?(?:use in |a |any )?"
    r"prod(?:uction)?\b(?![- ]?(?:data|image|target|file)\b)|\bnon-prod(?:uction)?\b"
    r"|\bnot used (?:in|by|for) (?:the |a |any )?(?:deployed|production|live)"
    r" (?:version|environment|system|deployment)\b"
    r"|\bno (?:usar |apto |es )?(?:para|en) producci[oó]n\b"
    r"|\bnão (?:usar |use )?(?:em|para) produ[cç][aã]o\b|\bpas (?:\w+ )?(?:pour|en) (?:la )?production\b"
    r"|\bnicht (?:für|in) (?:die |der )?produktion\w*|\bне (?:для|в) прод\w*|\bне (?:использ\w+) в прод\w*"
    r"|(?:请勿|不要|禁止|切勿|勿|不|非)(?:用于|適用於|适用于|在)?(?:生产|生產)(?:环境|環境)?(?:中)?(?:使用)?"
    r"|本番(?:環境)?(?:では|での?)(?:使用しない|使わない|使用禁止|利用しない)\w*"
)
_NEGATION = (
    r"\b(?:not|never|no|non|don'?t|doesn'?t|isn'?t|without|beyond|outside|"
    r"instead of|nicht|kein\w*|nie|não|sem|ne|pas|sans|sin|не|нет|без"
    r"|нельзя|değil)\b|请勿|不|勿|非|无需|禁止|ない|ません|않|아니|아닌|아님|마세요|말 것|금지"
)
# What tells the reader to do something about it, here or in production.
_ADVICE = (
    r"\b(?:change|replace|override|overridden|set|see|switch|rotate|update|remove|disable|enable|generate|uncomment|must|"
    r"should|differs?|different|unlike|prefer|refer|copy|consider|(?<!production )(?<!prod )use(?! (?:this|it)\b))\b"
    r"|\b(?:cambia\w*|cambie\w*|usar|reemplaz\w*|ver|véase|remplace\w*|utilise\w*|ändern|ersetzen|siehe|verwende\w*"
    r"|замен\w+|измен\w+|смен\w+|использ\w+|задайте|см)\b|请|需|应|修改|更换|替换|改为|変更|置き換|変え|변경|교체|바꾸"
    r"|\b(?:when|before|after) (?:moving|going|switching|deploying|you)\b|전환 시|시에는|에서는|の場合|では(?!な)"
)
_TITLE_OF_ADVICE = r"^\W*(?:for|in|on|during|if|when|at|under|en|em|in der|in|для|в|при|pour) "
_BOTH = r"(?:\band|\bor|&|/|\+|,|\by|\bo|\be|\bet|\bou|\bund|\boder|\bи|和|及|或|と|및)\s*"
_FOREIGN = "\0"

_IS_DEVELOPMENT = pattern("|".join(_DEVELOPMENT.values()), 2)  # re.IGNORECASE
_IS_PRODUCTION = pattern(_PRODUCTION, 2)
_IS_NOT_PRODUCTION = pattern(_NOT_PRODUCTION, 2)
_NEGATES = pattern(f"(?:{_NEGATION})", 2)
_NEGATED_BEFORE = pattern(f"(?:{_NEGATION})[^,;:]{{0,25}}$", 2)
_ADVISES = pattern(_ADVICE, 2)
_ADVISES_FIRST = pattern(rf"{_TITLE_OF_ADVICE}(?:(?:the|a|local|your|la|el|der|die) )*(?:[^\W\d]+)\s*[,:]", 2)
_ADJACENT = pattern(rf"{_BOTH}(?:{_PRODUCTION})|(?:{_PRODUCTION})\s*{_BOTH}", 2)
_URL = pattern(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://\S+", 2)
_PATH = pattern(
    r"(?<![\w{}.~@$*-])(?:[\w{}.~@$*-]*/[\w{}./~$*-]+|[\w{}$*.-]*\.(?:ya?ml|env|sh|md|toml|py|json|conf|txt|dockerfile)\b)",
    2,
)
_OF_TARGET = pattern(r"\([^()]*\b(?:target|stage)\b[^()]*\)", 2)
_COMMAND = pattern(
    r"(?:^|[\s`$(>])(?:docker[ -]compose (?:-|up|down|run|build|exec|logs|ps|"
    r"pull|config|watch|start|stop)|docker (?:build|run|stack)|"
    r"make \w|\./|cp |export |[A-Z_]{3,}=|podman|sudo |pip |uv |npm |poetry )"
)
_DIRECTIVE = pattern(r"(?:syntax|escape|check)\s*=|yaml-language-server:|yamllint |hadolint |dlf[: ]")
_SENTENCE = pattern(r"(?<=[.!?])\s+|[。！？;；]|\n{2,}")
_ITEM = pattern(r"(?m)^[ \t]*(?:(?:[-*•+]|\d+[.)])[ \t]+|(?=(?:[Ss]tage|[Tt]arget)s?\b))")
_OF_STAGE = pattern(r"\W*(?:stage|target)s?\b", 2)  # a sentence about a part of the file
_RULE = pattern(r"(?m)^[\s=\-_*#~+─━═│┌┐└┘╔╗╚╝║]*$")
_WORK = "development"
_LIMIT = 6000  # characters of a comment that are read


def purpose_of(comment: str, name: str = "", *, only_work: bool = False) -> str | None:
    """`development` or `production` when a comment says that its file is for that, else None. `name` is the file's
    own: a sentence that names another one is about that. With `only_work` None stands for `production` as well.
    """
    lower = comment[:_LIMIT].lower()
    words = lower.translate(_SEPARATORS).split()
    work = any(word.startswith(_WORK_HINTS) for word in words) or any(part in lower for part in _WORK_PARTS)
    if not work and not _speaks_of_production(lower, words, negated=only_work):
        return None
    text = _ITEM.sub("\n\n", _RULE.sub("\n", comment[:_LIMIT]))
    found = {_of_sentence(one, name) for part in text.split("\n\n") for one in _SENTENCE.split(_flat(part)) if one}
    if "production" in found:
        return None if only_work else "production"
    return _WORK if _WORK in found else None


def _speaks_of_production(lower: str, words: list[str], *, negated: bool) -> bool:
    """Whether a comment has a word for production; if `negated`, one that may be denied."""
    if negated and "not" not in words and "never" not in words and "non" not in words:
        return False
    found = any(word.startswith(_PRODUCTION_HINTS) for word in words)
    return found or any(part in lower for part in _PRODUCTION_PARTS)


def comment_above(text: str, ends: str = "services:") -> str:
    """The comments before the first key of a compose file, and those right above one of its keys at the top, without
    their marks; lines without text end a paragraph. For a Dockerfile `ends` is "": those before the first instruction.
    """
    if "#" not in text:
        return ""
    lines = text[: _LIMIT * 4].split("\n")
    found: list[str] = []
    for line in lines:
        bare = line.strip().removeprefix("\ufeff").strip()
        if bare.startswith("#"):
            said = bare.lstrip("#").strip()
            found.append("" if _DIRECTIVE.match(said) else said)
        elif not bare or bare.startswith(("---", "%")) or (ends and bare.startswith(("version:", "name:"))):
            found.append("")
        else:
            break
    above: list[str] = []
    place = text.find(f"\n{ends}") if ends else -1
    for line in reversed(text[:place].split("\n")[-_ABOVE:] if place >= 0 else ()):
        if not line.startswith("#"):
            break
        above.append(line.lstrip("#").strip())
    return "\n".join((*found, "", *reversed(above)))


_ABOVE = 20  # lines above `services:` that are looked at


def said_of_the_whole(text: str) -> str:
    """The sentences of comments anywhere in a compose file whose subject is all of it: "This stack is ..."."""
    if "#" not in text or not _OF_THE_WHOLE.search(text):
        return ""
    blocks: list[str] = [""]
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("#"):
            blocks[-1] += f"{bare.lstrip('#').strip()} "
        elif blocks[-1]:
            blocks.append("")
    found = (one for block in blocks for one in _SENTENCE.split(_MARK.sub("\n\n", block)))
    return "\n\n".join(one for one in found if _OF_THE_WHOLE.match(_BEFORE_SUBJECT.sub("", one, count=1)))


_MARK = pattern(r"\b(?=(?:NOTE|IMPORTANT|WARNING):)")  # begins a sentence, whatever the one above ends with
_BEFORE_SUBJECT = pattern(r"\A\W*(?:(?:note|important|warning)\b\W*)?", 2)
_OF_THE_WHOLE = pattern(
    r"\bthis (?:(?:whole |entire |docker[ -]?)?compose (?:file|stack|setup)|stack|set-?up) (?:is|are)\b",
    2,
)


def comment_at(source: Source, number: int) -> str:
    """The comment right above a line of a compose file (the first is 1), and the one at its end."""
    found = [source.line(number).partition(" #")[2].strip()]
    for one in range(number - 1, max(number - 1 - _ABOVE, 0), -1):
        bare = source.line(one).strip()
        if not bare.startswith("#"):
            break
        found.insert(0, bare.lstrip("#").strip())
    return "\n".join(found).strip()


def _flat(part: str) -> str:
    """A paragraph on one line; a line that stands for itself, such as a command or a title, is one of its own."""
    lines = [line.strip() for line in part.split("\n")]
    made = ""
    for line in lines:
        alone = bool(_COMMAND.search(line)) or line.endswith(":")
        made += f"{line}; " if alone or (made.endswith("; ") and len(line) < 30) else f"{line} "
    return made.strip()


def _of_sentence(sentence: str, name: str) -> str | None:
    """What one sentence says that its file is for."""
    if _OF_STAGE.match(sentence):
        return None
    text = _OF_TARGET.sub(" ", _URL.sub(" ", sentence))
    text = _PATH.sub(lambda found: " " if _is_no_other(found.group(), name) else _FOREIGN, text)
    if _FOREIGN in text:
        return None
    command = _COMMAND.search(text)
    if command is not None:
        text = text[: command.start()]
    bare, negated = _IS_NOT_PRODUCTION.subn(" ", text)
    work = _IS_DEVELOPMENT.search(bare)
    before = _NEGATED_BEFORE.search(bare[: work.start()]) if work is not None else None
    if work is not None and before is not None:
        bare, work = f"{bare[: before.start()]} {bare[work.end() :]}", None
    if _IS_PRODUCTION.search(bare):
        if work is not None and _ADJACENT.search(bare):
            return "production"
        if not (_ADVISES.search(bare) or _ADVISES_FIRST.search(bare) or _NEGATES.search(bare) or negated):
            return "production"
        return _WORK if work is not None and not _ADVISES_FIRST.search(bare) else None
    if negated:
        return _WORK
    return _WORK if work is not None and not _ADVISES_FIRST.search(bare) and not _tells(bare) else None


def _is_no_other(path: str, name: str) -> bool:
    """Whether what looks like a path is the file itself, or two words with a stroke between them: `CI/CD`, `TCP/IP`."""
    if name and path.rpartition("/")[2] == name:
        return True
    words = path.split("/")
    return len(words) == 2 and path != path.lower() and all(map(str.isalpha, words))


def _tells(text: str) -> bool:
    """Whether a sentence about development only says what to do for it."""
    return bool(_ADVISES.match(text.lstrip(" -–—:>*")))
