<?php

namespace WHMCS\Module\Addon\Deskside;

final class Version
{
    public const NUMBER = '1.1.0';
}
