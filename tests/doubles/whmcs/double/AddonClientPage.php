<?php

namespace WhmcsDouble;

use RuntimeException;
use Smarty;

/**
 * index.php?m=NAME: what NAME_clientarea gives, through its template.
 */
final class AddonClientPage
{
    private const SMARTY = '/usr/share/php/smarty4/Smarty.class.php';

    public static function answer(string $name): void
    {
        if (!in_array($name, Addons::all(), true) || !Addons::isActive($name)) {
            header('Location: index.php');
            return;
        }
        $given = Addons::call($name, 'clientarea', Addons::vars($name, 'index.php?m=' . $name));
        if (!is_array($given)) {
            header('Location: index.php');
            return;
        }
        if (!empty($given['requirelogin'])) {
            Session::demandClient();
        }
        $page = new ClientPage((string) ($given['pagetitle'] ?? $name), '', (array) ($given['vars'] ?? []));
        $page->show(self::crumbs($given) . self::render($name, (string) $given['templatefile'], $page->vars()));
    }

    private static function crumbs(array $given): string
    {
        $links = '';
        foreach ((array) ($given['breadcrumb'] ?? []) as $uri => $text) {
            $links .= '<a href="' . Html::text($uri) . '">' . Html::text($text) . '</a> ';
        }
        return '<nav class="breadcrumb">' . $links . '</nav>';
    }

    private static function render(string $name, string $template, array $vars): string
    {
        if (!is_file(self::SMARTY)) {
            throw new RuntimeException('Smarty is not installed: apt-get install smarty4');
        }
        require_once self::SMARTY;
        $smarty = new Smarty();
        $smarty->setCompileDir(State::path('templates_c'));
        $smarty->assign($vars);
        $folder = ROOTDIR . "/modules/addons/$name/";
        foreach ([$folder, $folder . 'templates/'] as $where) {
            if (is_file($where . $template . '.tpl')) {
                return $smarty->fetch('file:' . $where . $template . '.tpl');
            }
        }
        throw new RuntimeException("No template $template");
    }
}
