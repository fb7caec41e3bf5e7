<?php

namespace WHMCS\Module\Addon\Deskside;

final class Version
{
    public const NUMBER = '1.2.0';
}
