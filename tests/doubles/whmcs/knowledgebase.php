<?php

use WhmcsDouble\ClientPage;
use WhmcsDouble\Html;
use WhmcsDouble\Input;
use WHMCS\Database\Capsule;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

$public = Capsule::table('tblknowledgebase')->where('private', '')->where('parentid', 0);
$article = (clone $public)->where('id', Input::number('id'))->first();
$title = $article === null ? 'Knowledgebase' : Html::text($article->title);
$page = new ClientPage($title, 'ClientAreaPageKnowledgebase');
if ($article !== null) {
    $page->show('<article>' . $article->article . '</article>');
    exit;
}
$links = '';
foreach ($public->orderBy('order')->get() as $listed) {
    $links .= '<a href="knowledgebase.php?action=displayarticle&amp;id=' . $listed->id . '">'
        . Html::text($listed->title) . '</a><br>';
}
$page->show($links);
